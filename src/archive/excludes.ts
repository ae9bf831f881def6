/**
 * Left out of an archive unless said otherwise. A name without a slash is left out wherever it stands; one with a slash
 * is a path from the root; `*` stands for any characters but a slash.
 */
export const DEFAULT_EXCLUDES: readonly string[] = [
  '.git',
  'node_modules',
  '.knowngood',
  '.cache',
  '.turbo',
  '.parcel-cache',
  '.pytest_cache',
  '__pycache__',
  '.DS_Store',
  'playwright-report',
  'test-results',
  'coverage/',
  'backups/',
  'releases/',
  'immaculate/',
]

/** Whether a path (relative, `/` between its parts) is left out. */
export function excluder(patterns: readonly string[]): (path: string) => boolean {
  const names = new Set<string>()
  const paths: RegExp[] = []
  for (const pattern of patterns) {
    const plain = pattern.replace(/^\.?\//, '').replace(/\/+$/, '')
    if (plain === '') continue
    const anchored = pattern.replace(/^\.\//, '').includes('/')
    if (!anchored && !plain.includes('*')) names.add(plain)
    else paths.push(expression(plain, anchored))
  }
  return (path) => names.has(path.slice(path.lastIndexOf('/') + 1)) || paths.some((one) => one.test(path))
}

function expression(plain: string, anchored: boolean): RegExp {
  const body = plain.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll(/\*+/g, '[^/]*')
  return new RegExp(`${anchored ? '^' : '(?:^|/)'}${body}$`, 's')
}

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

import type { Arg } from '../core/plan.ts'

/** Names of environment files, and of those among them that are made to be shared. */
const ENVIRONMENT = ['.env', '.envrc', '.env.*', '[!.]*.env']
const TEMPLATES = ['example', 'sample', 'template', 'dist'].flatMap((one) => [`*.${one}`, `*.${one}.*`])

/**
 * The working tree as a zip by standard tools: what is left out is left out here as well, pattern by pattern. An environment
 * file is left out whatever it holds, and a link that leads out of the tree is packed as a link: both want a look at the content.
 */
export function siteByHand(zip: string, paths: readonly string[], exclude: readonly string[]): Arg[][] {
  const left = [...new Set(exclude)].flatMap((left) => test(left)).map((words) => ['-o', ...words])
  const secret = ['-type', 'f', '(', ...any(ENVIRONMENT), ')', '!', '(', ...any(TEMPLATES), ')']
  const kinds = any(['f', 'd', 'l'], '-type')
  const from = paths.map((path) => (path === '.' ? path : `./${path.replace(/^(?:\.?\/)+/, '')}`))
  const find = [
    'find',
    ...from,
    '(',
    ...secret,
    ...left.flat(),
    ')',
    '-prune',
    '-o',
    '(',
    ...kinds,
    ')',
    '!',
    '-name',
    '.',
    '-print',
  ]
  return [
    [
      '#',
      'left out as well, whatever they hold: environment files; a link that leads out of the tree is packed as one',
    ],
    ['sh', '-c', '"$@" | zip -qy "$0" -@', zip, ...find],
  ]
}

function any(values: readonly string[], flag = '-name'): string[] {
  return values.flatMap((value, index) => [...(index === 0 ? [] : ['-o']), flag, value])
}

/** One pattern of `exclude` as a test of `find`, whose `*` stands for a slash, too; none for one that names nothing. */
function test(pattern: string): string[][] {
  const plain = pattern.replace(/^\.?\//, '').replace(/\/+$/, '')
  if (plain === '') return []
  const glob = plain.replaceAll(/[?[\]\\]/g, String.raw`\$&`)
  if (!pattern.replace(/^\.\//, '').includes('/')) return [['-name', glob]]
  if (!plain.includes('*')) return [['-path', `./${glob}`]]
  const deeper = `./${'*/'.repeat(plain.split('/').length)}*`
  return [['(', '-path', `./${glob}`, '!', '-path', deeper, ')']]
}

import type { Action, Arg, Exec } from './plan.ts'
import { shellWord } from './shell.ts'
import { clean } from './text.ts'

/** How an argument stands in a line. */
export type Word = (arg: Arg) => string

/**
 * An action as lines for a POSIX shell, which do the same with standard tools when they are pasted in the order of the plan.
 * What a step gives to those after it is a variable, named by both: `commit_commit`. A call without any is a comment.
 */
export function handLines(action: Action, word: Word = written): string[] {
  if (action.do === 'exec') return [execLine(action, word)]
  if (action.do === 'pipe') return [action.execs.map((exec) => execLine(exec, word)).join(' | ')]
  if (action.byHand.length === 0) return [`# ${clean(action.says)}`]
  const lines = action.byHand.map((argv) => (argv[0] === '#' ? remark(argv) : argv.map(word).join(' ')))
  if (word !== written) return lines
  if (TAKES_LOCK.has(action.name)) return [...lines, 'lock_oid=$(git rev-parse HEAD)']
  return action.name === 'rollback.commit' ? given(lines, action.input) : lines
}

/** By hand the lock is the commit one stands on; what gives it back names it. */
const TAKES_LOCK = new Set(['lock.acquire', 'lock.seize'])

/** Words for whoever pastes the lines, in their midst. */
function remark(argv: readonly Arg[]): string {
  return clean(argv.map(String).join(' '))
}

/** The commit that is made is named by the last line, which makes it. */
function given(lines: readonly string[], input: unknown): string[] {
  const { buildId } = input as { buildId: string }
  const id = buildId
    .replaceAll('{sha}', '$commit_commit')
    .replaceAll('{short}', '$(git rev-parse --short=7 $commit_commit)')
  return [...lines.slice(0, -1), `commit_commit=$(${lines.at(-1)})`, `commit_buildId="${id}"`]
}

function execLine({ argv, cwd, env = {}, stdin, stdout }: Exec, word: Word): string {
  const set = Object.entries(env).map(([name, value]) => `${name}=${word(value)}`)
  const said = stdin === undefined ? '' : `printf %s ${word(stdin)} | `
  const to = stdout === undefined ? [] : ['>', word(stdout)]
  const line = said + [...set, ...argv.map(word), ...to].join(' ')
  return cwd === undefined ? line : `(cd ${word(cwd)} && ${line})`
}

/** As a shell reads it back: what would hide or move text on a screen, a line break among it, stands as its octal bytes. */
export function handWord(text: string): string {
  if (clean(text) === text) return shellWord(text)
  return `"$(printf %b '${[...text].map(escaped).join('')}')"`
}

function escaped(char: string): string {
  if (char !== "'" && char !== '\\' && clean(char) === char) return char
  return [...new TextEncoder().encode(char)].map((byte) => `\\0${byte.toString(8).padStart(3, '0')}`).join('')
}

/** Words that a shell reads as they stand, options among them. */
const PLAIN = /^[\w@%+=:,./^-]+$/

/** As it stands in the plan: quoted for a POSIX shell, what is given later as a variable. */
function written(arg: Arg): string {
  if (typeof arg !== 'string') return '$' in arg ? `"$${variable(arg.$)}"` : `"$${arg.secret}"`
  if (PLAIN.test(arg)) return arg
  return handWord(arg).replaceAll(/<([\w-]+\.\w+)>/g, (_, name: string) => `'"$${variable(name)}"'`)
}

const variable = (name: string): string => name.replaceAll(/\W/g, '_')

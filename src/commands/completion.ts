import { EXIT, UserError } from '../core/failure.ts'
import type { Command, RunCommand } from './command.ts'
import { completionWords, type Words } from './completion-words.ts'
import { commands } from './table.ts'

const SHELLS: Readonly<Record<string, (words: readonly Words[]) => string[]>> = { bash, zsh, fish }

/** The completion script of a shell for a table of commands. Throws a UserError for a shell it does not know. */
export function completionScript(shell: string, table: readonly Command[]): string[] {
  const write = SHELLS[shell]
  if (write === undefined)
    throw new UserError(`No completion for ${shell}`, 'bash, zsh and fish are known', ['knowngood completion bash'])
  return write(completionWords(table))
}

/** `knowngood completion SHELL`. */
export const run: RunCommand = async (_context, args) => {
  const shell = args[0] ?? ''
  const lines = completionScript(shell, commands)
  return { exit: EXIT.done, data: { shell, script: lines.join('\n') }, lines }
}

function bash(words: readonly Words[]): string[] {
  return [
    '# bash completion of knowngood',
    '_knowngood() {',
    '  local current="${COMP_WORDS[COMP_CWORD]}" place="" word',
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
    ...placed(words),
    ...words.map(
      ({ path, offers }) =>
        `    ${quote(path === '' ? '' : ` ${path}`)}) COMPREPLY=($(compgen -W ${quote(offers.map(({ word }) => word).join(' '))} -- "$current")) ;;`,
    ),
    '  esac',
    '}',
    'complete -o default -F _knowngood knowngood kg',
  ]
}

/** Follows the words of a line to the command they name: ` gate` then ` gate confirm`; what it offers comes by its place. */
function placed(words: readonly Words[]): string[] {
  const paths = words.flatMap(({ path }) => (path === '' ? [] : [quote(` ${path}`)]))
  return [
    '    case "$place $word" in',
    ...paths.map((path) => `      ${path}) place=${path} ;;`),
    '    esac',
    '  done',
    '  case "$place" in',
  ]
}

function zsh(words: readonly Words[]): string[] {
  return [
    '#compdef knowngood kg',
    '# zsh completion of knowngood',
    '_knowngood() {',
    '  local place="" word',
    '  local -a offers',
    '  for word in "${(@)words[2,CURRENT-1]}"; do',
    ...placed(words),
    ...words.map(
      ({ path, offers }) =>
        `    ${quote(path === '' ? '' : ` ${path}`)}) offers=(${offers.map(({ word, says }) => quote(word.replaceAll(':', '\\:') + (says === '' ? '' : `:${says}`))).join(' ')}) ;;`,
    ),
    '  esac',
    "  _describe 'knowngood' offers || _files",
    '}',
    'compdef _knowngood knowngood kg',
  ]
}

function fish(words: readonly Words[]): string[] {
  const lines = words.flatMap(({ path, offers }) => {
    const seen = path === '' ? '__fish_use_subcommand' : fishAt(path, words)
    return offers.map(({ word, says }) => {
      const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-f -a ${quote(word)}`
      return `complete -c knowngood -n ${quote(seen)} ${what}${says === '' ? '' : ` -d ${quote(says)}`}`
    })
  })
  return ['# fish completion of knowngood', ...lines, 'complete -c kg -w knowngood']
}

/** True where this command was typed and none of those below it. */
function fishAt(path: string, words: readonly Words[]): string {
  const below = words.filter((each) => each.path.startsWith(`${path} `)).map((each) => each.path.slice(path.length + 1))
  const typed = path.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`)
  const further = below.length === 0 ? [] : [`not __fish_seen_subcommand_from ${below.join(' ')}`]
  return [...typed, ...further].join('; and ')
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

import { EXIT, UserError } from '../core/failure.ts'
import type { Command, RunCommand } from './command.ts'
import { completionWords, type Offer, type Words } from './completion-words.ts'
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
    "  local IFS=$'\\n'",
    '  case "$place ${COMP_WORDS[COMP_CWORD-1]}" in',
    ...taking(
      words,
      'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current"))',
      (choices) => `COMPREPLY=($(compgen -W $'${choices.join('\\n')}' -- "$current"))`,
    ),
    '  esac',
    '}',
    'complete -F _knowngood knowngood kg',
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

/** A case for each flag that takes something, and for each argument that is a file: by the place and the word before. */
function taking(words: readonly Words[], files: string, choose: (choices: readonly string[]) => string): string[] {
  return words.flatMap(({ path, offers, files: given }) => {
    const place = path === '' ? '' : ` ${path}`
    const flags = offers.flatMap(({ word, takes }) =>
      takes === undefined ? [] : [`    ${quote(`${place} ${word}`)}) ${takes === 'file' ? files : choose(takes)} ;;`],
    )
    return given ? [...flags, `    ${quote(`${place} ${path.split(' ').at(-1)}`)}) ${files} ;;`] : flags
  })
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
    '  case "$place ${words[CURRENT-1]}" in',
    ...taking(words, '_files; return', (choices) => `offers=(${choices.map(quote).join(' ')})`),
    '  esac',
    "  _describe 'knowngood' offers",
    '}',
    'compdef _knowngood knowngood kg',
  ]
}

function fish(words: readonly Words[]): string[] {
  const lines = words.flatMap(({ path, offers, files }) => {
    const seen = path === '' ? '__fish_use_subcommand' : fishAt(path, words)
    const offered = offers.map(({ word, says, takes }) => {
      const what = word.startsWith('--') ? `-l ${word.slice(2)}${fishTakes(takes)}` : `-a ${quote(word)}`
      return `complete -c knowngood -n ${quote(seen)} ${what}${says === '' ? '' : ` -d ${quote(says)}`}`
    })
    return files ? [...offered, `complete -c knowngood -n ${quote(seen)} -F`] : offered
  })
  return ['# fish completion of knowngood', 'complete -c knowngood -f', ...lines, 'complete -c kg -w knowngood']
}

function fishTakes(takes: Offer['takes']): string {
  if (takes === undefined) return ''
  return takes === 'file' ? ' -r -F' : takes.length === 0 ? ' -x' : ` -x -a ${quote(takes.join(' '))}`
}

/** True where this command was typed, none of those below it, and none that has a word of the same name: `gate confirm`. */
function fishAt(path: string, words: readonly Words[]): string {
  const below = words.filter((each) => each.path.startsWith(`${path} `)).map((each) => each.path.slice(path.length + 1))
  const others = words.filter((each) => each.path !== '' && each.offers.some(({ word }) => word === path))
  const typed = path.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`)
  const without = [...below, ...others.map((each) => each.path)]
  const further = without.length === 0 ? [] : [`not __fish_seen_subcommand_from ${without.join(' ')}`]
  return [...typed, ...further].join('; and ')
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

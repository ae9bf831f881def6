import { closest } from '../config/suggest.ts'
import { UserError } from '../core/failure.ts'
import type { Command } from './command.ts'

const HELP = 'knowngood --help lists every command.'

/** The parser's complaint in the words of the rest: what is not there, what was probably meant, what there is. */
export function usageError(complaint: string, argv: readonly string[], table: readonly Command[]): UserError {
  const verb = firstWord(argv)
  const command = table.find(({ name }) => name === verb)
  // An unknown option says nothing when it follows a verb that does not exist.
  if (verb !== undefined && command === undefined)
    return new UserError(`There is no command ${verb}`, meant(verb, table), [HELP])
  const [text = '', hint = ''] = complaint.replace(/^error: /, '').split('\n')
  const under = command?.sub?.find(({ name }) => name === argv[argv.indexOf(command.name) + 1])
  const path = [command?.name, under?.name].filter(Boolean).join(' ')
  const help = command === undefined ? HELP : `knowngood ${path} --help says what it takes.`
  const choice = /value '(.*)' is invalid for argument '(.*)'\. Allowed choices are (.*)\.$/.exec(text)
  if (choice) return new UserError(`There is no ${choice[2]} ${choice[1]}`, `there is ${choice[3]}`, [help])
  const [, taken, all = ''] = /^too many arguments.*?Expected (\d+) .*?: (.*?)\.?$/.exec(text) ?? []
  const given = all.split(', ').slice(Number(taken)).join(', ')
  if (taken !== undefined && command !== undefined)
    return new UserError(
      `${path} takes nothing called ${given}`,
      meant(given, under === undefined ? (command.sub ?? []) : [], path),
      [help],
    )
  return new UserError(inWords(text, path || 'knowngood'), hint.replace(/^\(Did(.*)\)$/, 'did$1'), [help])
}

function inWords(text: string, verb: string): string {
  const argument = /^missing required argument '(.*)'/.exec(text)?.[1]
  if (argument !== undefined) return `${verb} needs ${article(argument)}`
  const option = /^unknown option '(.*)'/.exec(text)?.[1]
  if (option !== undefined) return `${verb} has no option ${option}`
  const value = /^option '(?:-\w, )?(--[a-z-]+) <(.*)>' argument missing/.exec(text)
  return value === null ? text : `${value[1]} needs ${article(value[2] ?? 'value')}`
}

const article = (name: string): string => `${/^[aeio]/.test(name) ? 'an' : 'a'} ${name}`

/** The verb: the first word that is neither a flag nor the value of one that may stand before it. */
function firstWord(argv: readonly string[]): string | undefined {
  return argv.find((word, index) => !word.startsWith('-') && !/^(-C|--directory|--wait)$/.test(argv[index - 1] ?? ''))
}

function meant(given: string, table: readonly Command[], above = ''): string {
  const names = table.filter(({ hidden }) => hidden !== true).map(({ name }) => name)
  const near = closest(given, names)
  return near === null ? '' : `did you mean ${[above, near].join(' ').trim()}?`
}

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
  const choice = /value '(.*)' is invalid for argument '(.*)'\. Allowed choices are (.*)\.$/.exec(text)
  if (choice) return new UserError(`There is no ${choice[2]} ${choice[1]}`, `there is ${choice[3]}`, [HELP])
  const given = /^too many arguments.*?: (.*?)\.?$/.exec(text)?.[1]
  if (given !== undefined && command !== undefined)
    return new UserError(
      `${command.name} takes nothing called ${given}`,
      meant(given, command.sub ?? [], command.name),
      [`knowngood ${command.name} --help says what it takes.`],
    )
  return new UserError(text, hint.replace(/^\(Did(.*)\)$/, 'did$1'), [HELP])
}

/** The verb: the first word that is neither a flag nor the value of one that may stand before it. */
function firstWord(argv: readonly string[]): string | undefined {
  return argv.find((word, index) => !word.startsWith('-') && !/^(-C|--directory|--wait)$/.test(argv[index - 1] ?? ''))
}

function meant(given: string, table: readonly Command[], above = ''): string {
  const names = table.filter(({ hidden }) => hidden !== true).map(({ name }) => name)
  const near = closest(given, names)
  return near === null ? '' : `did you mean ${[above, near].join(' ').trim()}?`
}

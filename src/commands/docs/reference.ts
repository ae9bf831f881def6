import type { Command, Flag } from '../command.ts'
import { wrap } from '../../core/text.ts'
import { exitMeanings } from '../parser.ts'

/** A key as the documentation shows it. */
export type KeyRow = { keys: readonly string[]; shown: string; does: string; where: readonly string[] | 'everywhere' }

/** Pages are read in a terminal of this width; examples stay on one line, so that they can be copied. */
const COLUMNS = 80

/** Every verb with its arguments, flags, examples and exit codes, as Markdown. */
export function commandsText(table: readonly Command[]): string {
  const shown = table.filter((command) => !command.hidden)
  return [
    '# Commands',
    '',
    'Every command takes --json, -n/--dry-run, --wait DURATION and -C PATH, and can',
    'end with exit code 0, 1 or 2, or with 129, 130 or 143 when a signal stops it.',
    '',
    ...shown.flatMap((one) => commandLines(one, '')),
  ].join('\n')
}

function commandLines(command: Command, above: string): string[] {
  const path = `${above}${command.name}`
  const exits = command.exits.length === 0 ? [] : [`Further exit codes: ${command.exits.join(', ')}.`, '']
  return [
    `## ${path}${command.args === undefined ? '' : ` ${command.args}`}`,
    '',
    ...wrap(`${sentence(command.summary)}${command.about === undefined ? '' : ` ${command.about}`}`, COLUMNS),
    '',
    ...(command.argChoices === undefined ? [] : [`${command.args ?? ''} is ${command.argChoices.join(', ')}.`, '']),
    ...list(command.flags.flatMap((flag) => item(`\`${flag.flags}\`: ${flag.says}${choicesOf(flag)}`))),
    ...exits,
    ...list(command.examples.map((example) => `    ${example}`)),
    ...(command.sub ?? []).flatMap((one) => commandLines(one, `${path} `)),
  ]
}

/** What a flag takes and what it is without being given, as far as its own words do not name it. */
function choicesOf({ says, choices = [], preset }: Flag): string {
  const unsaid = choices.some((one) => !says.includes(one))
  return `${unsaid ? `; ${choices.join(' or ')}` : ''}${preset === undefined ? '' : `. Default: ${preset}`}`
}

/** The keys of the screens, place by place, as Markdown. */
export function keysText(keys: readonly KeyRow[]): string {
  const places = [...new Set(keys.flatMap(({ where }) => (where === 'everywhere' ? [] : where)))]
  const rows = (own: readonly KeyRow[]) => [
    '',
    '| key | does |',
    '|---|---|',
    // A footer shows one key of several; here all are named, unless they are written in a way of their own.
    ...own.map(({ keys, shown, does }) => `| ${cell(shown === keys[0] ? keys.join(' ') : shown)} | ${cell(does)} |`),
    '',
  ]
  const everywhere = keys.filter(({ where }) => where === 'everywhere')
  const local = places.flatMap((place) => [
    `## ${place}`,
    ...rows(keys.filter(({ where }) => where !== 'everywhere' && where.includes(place))),
  ])
  return [
    '# Keys',
    '',
    '`?` shows the keys of the place you are in.',
    '',
    '## everywhere',
    ...rows(everywhere),
    ...local,
  ].join('\n')
}

/** What each exit code means, as Markdown. */
export function exitCodesText(): string {
  const rows = exitMeanings().map(({ code, means }) => `| ${code} | ${means} |`)
  return ['# Exit codes', '', '| code | meaning |', '|---|---|', ...rows, ''].join('\n')
}

function list(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [...lines, '']
}

/** One item of a list, its further lines under its first. */
function item(text: string): string[] {
  return wrap(text, COLUMNS - 2).map((line, index) => `${index === 0 ? '-' : ' '} ${line}`)
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

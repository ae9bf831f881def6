import type { Command } from '../command.ts'
import { exitMeanings } from '../parser.ts'

/** A key as the documentation shows it. */
export type KeyRow = { shown: string; does: string; where: readonly string[] | 'everywhere' }

/** Every verb with its arguments, flags, examples and exit codes, as Markdown. */
export function commandsText(table: readonly Command[]): string {
  const shown = table.filter((command) => !command.hidden)
  return [
    '# Commands',
    '',
    'Every command takes --json, -n/--dry-run, --wait DURATION and -C PATH.',
    '',
    ...shown.flatMap((one) => commandLines(one, '')),
  ].join('\n')
}

function commandLines(command: Command, above: string): string[] {
  const path = `${above}${command.name}`
  const exits = command.exits.length === 0 ? [] : [`Exit codes besides 0, 1 and 2: ${command.exits.join(', ')}.`, '']
  return [
    `## ${path}${command.args === undefined ? '' : ` ${command.args}`}`,
    '',
    `${sentence(command.summary)}${command.about === undefined ? '' : ` ${command.about}`}`,
    '',
    ...(command.argChoices === undefined ? [] : [`${command.args ?? ''} is ${command.argChoices.join(', ')}.`, '']),
    ...list(command.flags.map(({ flags, says }) => `- \`${flags}\`: ${says}`)),
    ...exits,
    ...list(command.examples.map((example) => `    ${example}`)),
    ...(command.sub ?? []).flatMap((one) => commandLines(one, `${path} `)),
  ]
}

/** The keys of the screens, place by place, as Markdown. */
export function keysText(keys: readonly KeyRow[]): string {
  const places = [...new Set(keys.flatMap(({ where }) => (where === 'everywhere' ? [] : where)))]
  const rows = (own: readonly KeyRow[]) => [
    '',
    '| key | does |',
    '|---|---|',
    ...own.map(({ shown, does }) => `| ${cell(shown)} | ${cell(does)} |`),
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

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

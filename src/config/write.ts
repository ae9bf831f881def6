import { clean } from '../core/text.ts'
import type { Draft, Finding } from './draft.ts'
import { EXAMPLE } from './example.ts'
import { flow } from './flow.ts'
import { fileShape, type Shape } from './shape.ts'

type Setting = { key: string; findings: Finding[] }

const HEAD = [
  '# yaml-language-server: $schema=./node_modules/knowngood/schema.json',
  '# What Knowngood knows about this project. Every key has a default: knowngood docs configuration.',
]

/** The annotated `knowngood.yaml` for a draft: what was found is set, the rest stands there as comments. */
export function configText(draft: Draft): string {
  const { properties = {} } = fileShape()
  const sections = Object.entries(properties).map(([name, shape]) =>
    section(
      name,
      shape,
      draft.found.filter((one) => one.key?.[0] === name),
    ),
  )
  const unsure =
    draft.unsure.length === 0 ? [] : ['', '# Not known yet:', ...draft.unsure.map((line) => `#  - ${clean(line)}`)]
  return `${[...HEAD, ...unsure, ...sections.flatMap((lines) => ['', ...lines])].join('\n')}\n`
}

function section(name: string, shape: Shape, findings: Finding[]): string[] {
  const about = `# ${shape.description ?? name}`
  const whole = findings.find((one) => one.key?.length === 1)
  if (whole !== undefined) return [about, `${name}: ${flow(whole.value)}${from([whole])}`]
  if (findings.length === 0) {
    const known: Readonly<Record<string, unknown>> = EXAMPLE
    return [about, `# ${name}: ${flow(mustSay(shape) ? known[name] : defaults(shape))}`]
  }
  const names = [...new Set(findings.map((one) => one.key?.[1] ?? ''))]
  const settings = names.map((key): Setting => ({ key, findings: findings.filter((one) => one.key?.[1] === key) }))
  const lines = settings.flatMap((one) => setting(one))
  if (findings.every((one) => one.suggestion))
    return [about, `# ${name}:`, ...lines.map((line) => line.replace(/^( *)# /, '# $1'))]
  return [about, `${name}:`, ...lines]
}

function setting({ key, findings }: Setting): string[] {
  const sure = findings.filter((one) => !one.suggestion)
  const first = findings[0]
  const items = findings.flatMap((one) =>
    Array.isArray(one.value) ? one.value.map((value: unknown) => ({ value, one })) : [],
  )
  const mark = sure.length === 0 ? '# ' : ''
  if (!Array.isArray(first?.value) || items.length === 0)
    return [`  ${mark}${flow(key)}: ${flow(first?.value)}${from(findings)}`]
  // A list of comments alone would be read as nothing, which is not the empty list that was found.
  const none = sure.length > 0 && items.every(({ one }) => one.suggestion)
  return [
    `  ${mark}${flow(key)}:${none ? ' []' : ''}`,
    ...items.map(({ value, one }) =>
      one.suggestion && mark === ''
        ? `    # - ${flow(value)}${from([one])}`
        : `  ${mark}  - ${flow(value)}${from([one])}`,
    ),
  ]
}

function from(findings: readonly Finding[]): string {
  const where = findings[0]?.where ?? ''
  return where === '' || findings[0]?.value === where ? '' : `  # ${clean(where)}`
}

/** The defaults of a section, as far as they are plain values: with its mark taken away, the line changes nothing. */
function defaults(shape: Shape): unknown {
  if (shape.properties === undefined) return shape.default ?? (shape.items === undefined ? {} : [])
  const pairs = Object.entries(shape.properties)
    .filter(([, inner]) => !mustSay(inner))
    .map(([key, inner]) => [key, inner.properties ? defaults(inner) : inner.default] as const)
  return Object.fromEntries(
    pairs.filter(([, value]) => value !== undefined && flow(value) !== '{}' && flow(value) !== '[]'),
  )
}

/** Whether it cannot stand without a word that only the team knows. */
function mustSay({ properties = {}, required = [] }: Shape): boolean {
  return required.some((key) => properties[key]?.default === undefined)
}

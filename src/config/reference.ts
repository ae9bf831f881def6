import { wrap } from '../core/text.ts'
import { VARIABLES } from './environment.ts'
import { EXAMPLE } from './example.ts'
import { flow } from './flow.ts'
import { wholeShape } from './plug-ins.ts'
import { chosen, type Shape } from './shape.ts'

const COLUMNS = 80

/** `knowngood.yaml` whole, each key with what it means and its default: what `docs configuration` prints. */
export function configurationReference(): string[] {
  const head = [
    'knowngood.yaml, at the top of the repository. Every key may be left out; an unknown one is an error.',
    'A duration is a number and a unit: 90s, 10m, 12h, 30d. A command is a list of words and runs without a shell.',
    'Nothing secret belongs here: the file is committed.',
    'A flag wins over the environment, the environment over this file, this file over the default.',
    `The environment: ${VARIABLES.map(({ name }) => name).join(', ')}.`,
  ]
  return [
    ...head.flatMap((text) => wrap(text, COLUMNS - 2).map((line) => `# ${line}`)),
    ...entries(EXAMPLE, wholeShape(), '', true),
  ]
}

function entries(value: object, shape: Shape, indent: string, spaced: boolean): string[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown], index) => {
    const own =
      shape.properties?.[key] ?? (typeof shape.additionalProperties === 'object' ? shape.additionalProperties : {})
    const fits = chosen(own, inner)
    return [
      ...(spaced ? [''] : []),
      ...about(own, indent),
      // What else a source may be is said once, before the first of them.
      ...(index === 0 || shape.properties?.[key] !== undefined ? others(own, fits, indent) : []),
      ...entry(key, inner, fits, indent),
    ]
  })
}

function entry(key: string, value: unknown, shape: Shape, indent: string): string[] {
  const list = Array.isArray(value) && typeof value[0] === 'object' && !Array.isArray(value[0])
  if (list) {
    const lines = value.flatMap((item: object, index) => {
      // Only the first item of a list is explained; the others show what else it may hold.
      if (index > 0) return [`${indent}  - ${flow(item)}`]
      const inner = entries(item, chosen(shape.items ?? {}, item), `${indent}    `, false)
      return [`${indent}  -`, ...inner]
    })
    const rest = others(shape.items ?? {}, chosen(shape.items ?? {}, value[0]), `${indent}  `)
    return [`${indent}${key}:`, ...lines, ...rest]
  }
  const nested = typeof value === 'object' && value !== null && !Array.isArray(value)
  return nested
    ? [`${indent}${key}:`, ...entries(value, shape, `${indent}  `, false)]
    : [`${indent}${key}: ${flow(value)}`]
}

/** What else may stand in this place: the plug-ins that the example does not use. */
function others(shape: Shape, fits: Shape, indent: string): string[] {
  return (shape.anyOf ?? [])
    .filter((one) => one !== fits && one.properties?.['use'] !== undefined)
    .flatMap((one) => {
      const { use, ...options } = one.properties ?? {}
      const room = COLUMNS - indent.length - 4
      const lines = Object.entries(options).flatMap(([key, inner]) =>
        wrap(`${key}: ${inner.description ?? ''}`, room).map((line) => `  ${line}`),
      )
      const first = wrap(`Or use: ${String(use?.const ?? './tools/my-source.ts')}. ${use?.description ?? ''}`, room)
      return [...first, ...lines].map((line) => `${indent}# ${line}`)
    })
}

function about(shape: Shape, indent: string): string[] {
  if (shape.description === undefined) return []
  const choices =
    shape.enum !== undefined &&
    shape.enum.length > 1 &&
    !shape.enum.every((one) => shape.description?.includes(String(one)))
      ? ` One of ${shape.enum.join(', ')}.`
      : ''
  const plain =
    shape.default !== undefined && typeof shape.default !== 'object' ? ` Default: ${flow(shape.default)}.` : ''
  return wrap(`${shape.description}${choices}${plain}`, COLUMNS - indent.length - 2).map((line) => `${indent}# ${line}`)
}

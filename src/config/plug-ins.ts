import { z } from 'zod'
import { mirrors } from '../mirrors/registry.ts'
import { sources } from '../sources/registry.ts'
import { targets } from '../targets/registry.ts'
import { isOwnSource, OWN_SOURCE } from './own-source-path.ts'
import { problemsOf, spell, type Problem } from './problems.ts'
import type { LineOf } from './read-yaml.ts'
import { fileShape, shapeOf, type Shape } from './shape.ts'
import { closest } from './suggest.ts'

type Listed = Readonly<Record<string, { use: string; says: string; options: { parse(value: unknown): unknown } }>>

type Kind = 'source' | 'target' | 'mirror'

const listed: Record<Kind, Listed> = { source: sources, target: targets, mirror: mirrors }

/** What the schema itself checks of an entry; the rest is the plug-in's. */
const COMMON: Record<Kind, readonly string[]> = { source: [], target: [], mirror: ['kinds', 'latest', 'fresh'] }

/** A source of the project's own; its options are its own to check. */
const OWN: Shape = {
  properties: {
    use: { pattern: OWN_SOURCE, description: 'A file of yours, inside the repository, that exports a `source`.' },
  },
  required: ['use'],
}

/** What plug-ins say about their own entries in the file. An entry that names none is the schema's to tell. */
export function plugInProblems(
  kind: Kind,
  entries: readonly { path: PropertyKey[]; entry: unknown }[],
  lineOf: LineOf,
): Problem[] {
  return entries.flatMap(({ path, entry }) => {
    if (typeof entry !== 'object' || entry === null || !('use' in entry) || typeof entry.use !== 'string') return []
    const own = Object.entries({ ...entry, use: entry.use }).filter(([key]) => !COMMON[kind].includes(key))
    return check(listed[kind], { ...Object.fromEntries(own), use: entry.use }, path, lineOf)
  })
}

/** The schema of the whole file, the options of every plug-in included. */
export function wholeShape(): Shape {
  const shape = fileShape()
  const source = shape.properties?.['sources']
  const target = shape.properties?.['deploy']?.properties?.['targets']
  if (source !== undefined) source.additionalProperties = { anyOf: [...Object.values(sources).map(entryShape), OWN] }
  const mirror = shape.properties?.['mirrors']
  const { use: _, to: __, ...common } = mirror?.items?.properties ?? {}
  const mirrored = (plugIn: Listed[string]): Shape => {
    const own = entryShape(plugIn)
    return { ...own, properties: { ...own.properties, ...common } }
  }
  if (mirror !== undefined) mirror.items = { anyOf: Object.values(mirrors).map(mirrored) }
  if (target !== undefined) target.items = { anyOf: Object.values(targets).map(entryShape) }
  return shape
}

function check(known: Listed, entry: { use: string }, path: PropertyKey[], lineOf: LineOf): Problem[] {
  const { use, ...options } = entry
  // A file of the project's own is run when it is needed, never to check a text.
  if (known === sources && isOwnSource(use)) return []
  const plugIn = Object.hasOwn(known, use) ? known[use] : undefined
  if (plugIn === undefined) {
    const names = Object.keys(known)
    const near = closest(use, names)
    const hint = near === null ? `this version has ${names.join(', ')}` : `did you mean ${near}?`
    return [{ line: lineOf([...path, 'use']), says: `${spell(path)}.use: there is no ${use}; ${hint}` }]
  }
  if (!(plugIn.options instanceof z.ZodType)) return parsed(plugIn, options, path, lineOf)
  const checked = plugIn.options.safeParse(options, { reportInput: true })
  return checked.success ? [] : problemsOf(checked.error.issues, entryShape(plugIn), lineOf, path)
}

function parsed(plugIn: Listed[string], options: unknown, path: PropertyKey[], lineOf: LineOf): Problem[] {
  try {
    plugIn.options.parse(options)
    return []
  } catch (error) {
    return [{ line: lineOf(path), says: `${spell(path)}: ${error instanceof Error ? error.message : String(error)}` }]
  }
}

function entryShape(plugIn: Listed[string]): Shape {
  const own = plugIn.options instanceof z.ZodType ? shapeOf(plugIn.options) : {}
  const use: Shape = { const: plugIn.use, description: plugIn.says }
  return { ...own, properties: { use, ...own.properties }, required: ['use', ...(own.required ?? [])] }
}

import { realpath } from 'node:fs/promises'
import { relative, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { EXIT, messageOf, UserError } from '../core/failure.ts'
import type { Source } from '../core/plug-in.ts'
import { addOwnSource, isBuiltIn } from './registry.ts'

const FUNCTIONS = ['detect', 'doctor', 'observe', 'capture', 'readable', 'restore', 'back', 'manual'] as const
const HOLDS = ['database', 'cache', 'images', 'code', 'runtime', 'facts', 'repository']

/**
 * Loads a source that a project keeps as a file of its own (`use: ./tools/my-source.ts`): the module's export `source`. From
 * then on it is known by that path, and its calls are those a run may make. Throws a UserError (exit 2) that says what it lacks.
 */
export async function loadOwnSource(root: string, use: string): Promise<Source> {
  const loaded = await moduleAt(root, use)
  const source = 'source' in loaded ? loaded.source : undefined
  const lacks = lacking(source)
  if (lacks.length > 0) throw refused(use, `it is no source: ${lacks.join('; ')}`)
  // All that can be seen from outside was seen above; what its functions give is held by the runner.
  addOwnSource(use, source as Source)
  return source as Source
}

async function moduleAt(root: string, use: string): Promise<object> {
  const file = await realpath(resolve(root, use)).catch(() => null)
  if (file === null) throw refused(use, 'there is no such file')
  if (relative(await realpath(root), file).split(sep)[0] === '..') throw refused(use, 'it leads out of the repository')
  try {
    const loaded: unknown = await import(pathToFileURL(file).href)
    return typeof loaded === 'object' && loaded !== null ? loaded : {}
  } catch (error) {
    throw refused(use, `it could not be loaded: ${messageOf(error)}`)
  }
}

function lacking(source: unknown): string[] {
  if (typeof source !== 'object' || source === null) return ['it exports nothing named `source`']
  const own = new Map<string, unknown>(Object.entries(source))
  const text = (key: string) => (typeof own.get(key) === 'string' ? String(own.get(key)) : '')
  const functions = FUNCTIONS.filter((key) => typeof own.get(key) !== 'function')
  const use = text('use')
  const calls = own.get('calls')
  const names = typeof calls === 'object' && calls !== null ? Object.keys(calls) : null
  const foreign = (names ?? []).filter((name) => !name.startsWith(`${use}.`))
  return [
    ...(/^[a-z][a-z0-9-]*$/.test(use) ? [] : ['`use` is its name, in small letters']),
    ...(isBuiltIn(use) ? [`\`use\` is taken: there is a ${use} already`] : []),
    ...(text('says') === '' ? ['`says` is a sentence about it'] : []),
    ...(HOLDS.includes(text('holds')) ? [] : [`\`holds\` is one of ${HOLDS.join(', ')}`]),
    ...(hasParse(own.get('options')) ? [] : ['`options` has a function `parse`']),
    ...(functions.length === 0 ? [] : [`these are functions: ${functions.join(', ')}`]),
    ...(names === null ? ['`calls` is a set of functions'] : []),
    ...(foreign.length === 0 ? [] : [`its calls are called ${use}.…, unlike ${foreign.join(', ')}`]),
  ]
}

function hasParse(options: unknown): boolean {
  return typeof options === 'object' && options !== null && 'parse' in options && typeof options.parse === 'function'
}

function refused(use: string, why: string): UserError {
  const next = ['The file exports one as `source`; the interface Source in src/core/plug-in.ts says what it has.']
  return new UserError(`${use} cannot be used as a source`, why, next, EXIT.usage)
}

import type { z } from 'zod'
import { UserError } from '../core/failure.ts'
import { clean, truncate } from '../core/text.ts'
import { shapeAt, type Shape } from './shape.ts'
import type { LineOf } from './read-yaml.ts'
import { closest } from './suggest.ts'

/** One thing wrong in the file; `line` counts from 1, null when the whole file or the environment is meant. */
export type Problem = { line: number | null; says: string }

type Place = readonly PropertyKey[]

const MOST_SHOWN = 40

/** What makes text of a number or a yes; around a list it would be another mistake. */
const QUOTES = '; put it in quotes'

/** Every zod issue as a sentence with its line and, where a name is close, what was probably meant. `under` is where the shape begins. */
export function problemsOf(
  issues: readonly z.core.$ZodIssue[],
  shape: Shape,
  lineOf: LineOf,
  under: Place = [],
): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    const path = [...under, ...issue.path]
    if (issue.code === 'unrecognized_keys') {
      const known = Object.keys(shapeAt(shape, issue.path)?.properties ?? {})
      return issue.keys.map((key) => ({ line: lineOf(path, key), says: unknownKey(path, key, known, shape) }))
    }
    const where = path.length === 0 ? 'the file' : spell(path)
    return [{ line: lineOf(path), says: `${where} ${sentenceOf(issue, shape)}` }]
  })
}

/** A list of problems as the error the operator reads, all at once, in the file's order. */
export function configError(file: string, problems: readonly Problem[]): UserError {
  const sorted = problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0))
  const lines = sorted.slice(0, MOST_SHOWN).map(({ line, says }) => (line === null ? says : `line ${line}: ${says}`))
  const more = sorted.length - lines.length
  const count = sorted.length === 1 ? 'a problem' : `${sorted.length} problems`
  const last = more > 0 ? [`… and ${more} more`] : []
  return new UserError(`${file} has ${count}`, '', [...lines, ...last, 'knowngood docs configuration shows every key.'])
}

/** A path as people write it: `gate.checks[0].run`. */
export function spell(path: Place): string {
  let text = ''
  for (const part of path) {
    text += typeof part === 'number' ? `[${part}]` : `${text === '' ? '' : '.'}${shown(String(part))}`
  }
  return text
}

function shown(text: string): string {
  return truncate(clean(text), 40)
}

function unknownKey(path: Place, key: string, known: readonly string[], shape: Shape): string {
  const full = spell([...path, key])
  const near = closest(key, known)
  if (near !== null) return `${full} is unknown; did you mean ${near}?`
  const elsewhere = homeOf(shape, key, [])
  if (elsewhere !== null) return `${full} is unknown; did you mean ${spell(elsewhere)}?`
  const choice = known.length > 0 ? `: ${known.join(', ')}` : ''
  return `${full} is unknown to this version; the keys ${path.length === 0 ? '' : `of ${spell(path)} `}are${choice}`
}

function sentenceOf(issue: z.core.$ZodIssue, shape: Shape): string {
  if (issue.code === 'invalid_type' && issue.input === null) return 'is blank; fill it in or leave the line out'
  if (issue.code === 'invalid_value') {
    const near = typeof issue.input === 'string' ? closest(issue.input, issue.values.map(String)) : null
    return `is ${list(issue.values.map(String))}${near === null ? '' : `; did you mean ${near}?`}`
  }
  if (issue.code === 'too_small' && issue.message.startsWith('Too '))
    return `needs at least ${issue.minimum}${issue.origin === 'array' ? ' in the list' : ''}`
  if (issue.code === 'too_big' && issue.message.startsWith('Too ')) return `is at most ${issue.maximum}`
  if (issue.code === 'invalid_key') return 'is not a name: letters, digits, dots, dashes and underscores'
  if (issue.input === undefined && shapeAt(shape, issue.path) !== null && /^Invalid|^is /.test(issue.message))
    return 'is missing'
  if (issue.code === 'invalid_type' && issue.message.endsWith(QUOTES) && typeof issue.input === 'object')
    return `${issue.message.slice(0, -QUOTES.length)}, not a ${Array.isArray(issue.input) ? 'list' : 'set of keys'}`
  if (issue.code === 'invalid_type') return issue.message.startsWith('is ') ? issue.message : `is a ${issue.expected}`
  return issue.message
}

function list(values: readonly string[]): string {
  return values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} or ${values.at(-1) ?? ''}`
}

/** Where a key of this name belongs, looked for through the sets (not the lists) of the schema. */
function homeOf(shape: Shape, key: string, path: Place): Place | null {
  for (const [name, inner] of Object.entries(shape.properties ?? {})) {
    if (name === key && path.length > 0) return [...path, name]
    const found = homeOf(inner, key, [...path, name])
    if (found !== null) return found
  }
  return null
}

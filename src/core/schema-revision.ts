import type { Facts, RollbackCandidate } from './facts.ts'

/** A project's schema revision: null when no source has one, undefined when it cannot be read now. */
export type Revision = string | null | undefined

/** The revision of every source that has one, as it is kept in records: one as it is, several as `name=revision`. */
export function schemaNow(sources: Facts['sources']): Revision {
  return sources.some((source) => !source.schema.ok) ? undefined : joinRevisions(revisionsOf(sources))
}

/** The revision of every source that has one and could be read, by the source's name. */
export function revisionsOf(sources: Facts['sources']): Record<string, string> {
  return Object.fromEntries(
    sources.flatMap(({ name, schema }) => (schema.ok && schema.value !== null ? [[name, schema.value]] : [])),
  )
}

/** Revisions by their sources as one text; null when there is none. */
export function joinRevisions(revisions: Readonly<Record<string, string>>): string | null {
  const found = Object.entries(revisions)
  const [only] = found
  if (only === undefined) return null
  return found.length === 1 ? only[1] : found.map(([name, revision]) => `${name}=${revision}`).join(' ')
}

/** Whether code made for `target` meets a database at `now`. Nothing known on one side is never called the same. */
export function compareSchema(now: Revision, target: Revision): RollbackCandidate['schema'] {
  const from = now ?? null
  const to = target ?? null
  if (now === null) return { verdict: 'same', from, to }
  if (now === undefined || target === undefined || target === null) return { verdict: 'unknown', from, to }
  return { verdict: now === target ? 'same' : 'differs', from, to }
}

import type { Facts, RollbackCandidate } from './facts.ts'

/** A project's schema revision: null when no source has one, undefined when it cannot be read now. */
export type Revision = string | null | undefined

/** The revision of every source that has one, as it is kept in records: one as it is, several as `name=revision`. */
export function schemaNow(sources: Facts['sources']): Revision {
  const found: { name: string; revision: string }[] = []
  for (const source of sources) {
    if (!source.schema.ok) return undefined
    if (source.schema.value !== null) found.push({ name: source.name, revision: source.schema.value })
  }
  const [only] = found
  if (only === undefined) return null
  if (found.length === 1) return only.revision
  return found.map(({ name, revision }) => `${name}=${revision}`).join(' ')
}

/** Whether code made for `target` meets a database at `now`. Nothing known on one side is never called the same. */
export function compareSchema(now: Revision, target: Revision): RollbackCandidate['schema'] {
  const from = now ?? null
  const to = target ?? null
  if (now === null) return { verdict: 'same', from, to }
  if (now === undefined || target === undefined || target === null) return { verdict: 'unknown', from, to }
  return { verdict: now === target ? 'same' : 'differs', from, to }
}

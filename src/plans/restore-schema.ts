import type { ListedBackup } from '../core/backup.ts'
import type { Facts, RollbackCandidate } from '../core/facts.ts'
import type { Fit } from './fitting.ts'

export type Verdict = RollbackCandidate['schema']
/** How one source's revision stands to that of its part. */
type SourceVerdict = Verdict & { name: string }

/** What each source is at now and what the backup would make it; sources without a revision on both sides are the same. */
export function schemaOf(facts: Facts, backup: ListedBackup, fits: readonly Fit[]): SourceVerdict[] {
  // Where any part carries its own, the record's one line says nothing of those that carry none.
  const single = fits.filter(({ source }) => source.holds === 'database').length <= 1
  const own = backup.parts.some((part) => part.schema !== undefined)
  return fits.flatMap(({ name, source, parts }) => {
    if (source.holds !== 'database') return []
    const seen = facts.sources.find((one) => one.name === name)
    const to =
      parts.find(({ part }) => part.schema !== undefined)?.part.schema ??
      (own || source.schemaless === true ? null : recorded(backup, name, single))
    const from = seen?.schema.ok === true ? seen.schema.value : null
    const known = seen?.schema.ok === true
    const verdict = !known ? 'unknown' : from === to ? 'same' : to === null ? 'unknown' : 'differs'
    return [{ name, verdict, from, to }]
  })
}

/** All of them together: the worst of them says it. */
export function worst(verdicts: readonly SourceVerdict[]): Verdict {
  const bad = verdicts.filter(({ verdict }) => verdict !== 'same')
  const shown = bad.length > 0 ? bad : verdicts
  const join = (pick: (one: SourceVerdict) => string | null) => {
    const said = shown.map((one) => (shown.length === 1 ? pick(one) : `${one.name}=${pick(one) ?? 'unknown'}`))
    return said.some((text) => text !== null) ? said.map((text) => text ?? 'unknown').join(' ') : null
  }
  const verdict = bad.some((one) => one.verdict === 'differs') ? 'differs' : bad.length > 0 ? 'unknown' : 'same'
  return { verdict, from: join((one) => one.from), to: join((one) => one.to) }
}

/** A backup's own line of revisions: one as it is, several as `name=revision`. */
function recorded(backup: ListedBackup, name: string, alone: boolean): string | null {
  const { schemaRevision } = backup
  if (schemaRevision === null) return null
  const named = schemaRevision.split(' ').find((one) => one.startsWith(`${name}=`))
  return named !== undefined ? named.slice(name.length + 1) : alone ? schemaRevision : null
}

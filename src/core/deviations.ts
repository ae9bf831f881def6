import { auditSays } from './audit-words.ts'
import type { AuditLine, AuditRow } from './audit-chain.ts'

/**
 * What was done since the newest of these logs by way of an exception, a sentence each with its reason: a lock taken over, an emergency,
 * schema revisions that were accepted. What a run's own log tells is not told again; waivers stand with their gate.
 */
export function deviationsSince(
  rows: readonly AuditRow[],
  logs: readonly { at: string | null; run: string | null }[],
): string[] {
  const after = Math.max(...logs.map(({ at }) => Date.parse(at ?? '')).filter((time) => !Number.isNaN(time)))
  const told = new Set(logs.map(({ run }) => run))
  return rows.flatMap(({ entry }) => {
    if (entry === null || (entry.run !== null && told.has(entry.run)) || !(Date.parse(entry.at) > after)) return []
    const what = deviation(entry)
    if (what === null) return []
    const reason = entry.detail?.['reason']
    const why = typeof reason === 'string' && reason !== '' ? ` Why: ${reason}` : ''
    return [`${entry.at}, ${entry.actor}: ${what}.${why}`]
  })
}

function deviation(entry: AuditLine): string | null {
  const { event, outcome, subject, detail } = entry
  if (event === 'lock' && outcome === 'taken over') return `the lock of ${subject} was taken over`
  if (outcome !== 'started') return null
  if (event === 'emergency') return auditSays(entry)
  return detail?.['acceptSchema'] === true ? `${auditSays(entry)}, across schema revisions` : null
}

import type { JsonRecord } from './json.ts'

/** What happened, as it is handed to the audit log. */
export type AuditEvent = {
  actor: string
  host: string
  run: string | null
  event: string
  outcome: string
  subject: string
  detail?: JsonRecord
}

/** One line of ours. `prev` is the SHA-256 of our line before it (its bytes without the line break), null for the first. */
export type AuditLine = { v: 1; at: string } & AuditEvent & { prev: string | null }

/** A line of the file; `entry` is null for one written by another tool. `line` counts from 1. */
export type AuditRow = { line: number; text: string; entry: AuditLine | null }

/**
 * A head recorded elsewhere, such as in a tag's message. `here` when this clone made the record, so that the line must
 * be in this log; `run` names the run that made it, from which that can be told. `at` is when it was made, ISO 8601.
 */
export type AuditAnchor = { name: string; head: string; here: boolean; run: string | null; at?: string }

export type AuditVerdict = {
  ok: boolean
  lines: number
  ours: number
  foreign: number
  head: string | null
  /** The first line that does not hold. */
  broken: { line: number; because: string; text: string } | null
  anchors: {
    name: string
    head: string
    line: number | null
    says: 'found' | 'kept elsewhere' | 'kept aside' | 'gone'
  }[]
  /** The new beginning that the log records: who made it, when and why. Null for a log that was never begun anew. */
  anew: string | null
  /** The verdict as lines for people. */
  says: string[]
}

/** The name of the anchor this clone keeps for itself. */
export const OWN_ANCHOR = 'this clone'

/** The first line of a log that follows one which was kept aside as broken. */
export const ANEW = { event: 'audit', outcome: 'begun anew' } as const

type Hash = (text: string) => string

/** Splits a log into rows. Blank lines are dropped; lines of other tools are kept as they are. */
export function auditRows(text: string): AuditRow[] {
  return text
    .split('\n')
    .map((line, index) => ({ line: index + 1, text: line.replace(/\r$/, ''), entry: auditLine(line) }))
    .filter((row) => row.text.trim() !== '')
}

/** The line as ours, or null. */
function auditLine(text: string): AuditLine | null {
  if (!text.startsWith('{"v":1,')) return null
  try {
    const value = JSON.parse(text) as Partial<AuditLine>
    const words = [value.at, value.actor, value.host, value.event, value.outcome, value.subject]
    const whole = words.every((word) => typeof word === 'string')
    return whole && (value.prev === null || typeof value.prev === 'string') ? (value as AuditLine) : null
  } catch {
    return null
  }
}

/** The line to write, in the fixed order of its fields. */
export function auditText(event: AuditEvent, at: string, prev: string | null): string {
  const { actor, host, run, event: name, outcome, subject, detail } = event
  return JSON.stringify({
    v: 1,
    at,
    actor,
    host,
    run,
    event: name,
    outcome,
    subject,
    ...(detail ? { detail } : {}),
    prev,
  })
}

/** Follows the chain from the first line to the last and looks for every anchored head in it. */
export function verifyChain(rows: readonly AuditRow[], hash: Hash, anchors: readonly AuditAnchor[]): AuditVerdict {
  const ours = rows.filter((row) => row.entry !== null)
  const lineOf = new Map<string, number>()
  let head: string | null = null
  let broken: AuditVerdict['broken'] = null
  let before = 0
  for (const row of ours) {
    const prev = row.entry?.prev ?? null
    if (prev !== head && broken === null) broken = { line: row.line, because: breakOf(prev, before), text: row.text }
    before = row.line
    head = hash(row.text)
    lineOf.set(head, row.line)
  }
  const anew = ours[0]?.entry?.event === ANEW.event && ours[0].entry.outcome === ANEW.outcome ? ours[0].entry : null
  const aside = (at: string | undefined) =>
    anew !== null && at !== undefined && Date.parse(at) < Date.parse(anew.at) ? 'kept aside' : 'gone'
  const found = anchors.map(({ name, head: anchored, here, at }) => {
    const line = lineOf.get(anchored) ?? null
    const says = line === null ? (here ? aside(at) : 'kept elsewhere') : 'found'
    return { name, head: anchored, line, says } as const
  })
  const gone = found.find((anchor) => anchor.says === 'gone')
  if (gone && broken === null) {
    const last = ours.at(-1)
    const because = `the line that ${gone.name} recorded as the newest is no longer in the log: its end was cut off or rewritten`
    broken = { line: (last?.line ?? 0) + 1, because, text: '' }
  }
  const foreign = rows.length - ours.length
  const begun =
    anew && `It was begun anew ${anew.at} by ${anew.actor}: ${String(anew.detail?.['reason'] ?? anew.subject)}`
  const [first = '', ...rest] = chainSays(ours.length, foreign, broken, found)
  const says = [first, ...(begun === null ? [] : [`${begun}.`]), ...rest]
  return {
    ok: broken === null,
    lines: rows.length,
    ours: ours.length,
    foreign,
    head,
    broken,
    anchors: found,
    anew: begun,
    says,
  }
}

function chainSays(
  ours: number,
  foreign: number,
  broken: AuditVerdict['broken'],
  anchors: AuditVerdict['anchors'],
): string[] {
  const others = foreign === 0 ? '' : ` ${foreign} of other tools are kept as they are.`
  const first =
    broken === null
      ? `The chain holds: ${ours} ${ours === 1 ? 'line' : 'lines'}.${others}`
      : `The chain breaks at line ${broken.line}: ${broken.because}.`
  const shown = anchors.filter((anchor) => anchor.name !== OWN_ANCHOR)
  const where = {
    found: 'is in this log',
    'kept elsewhere': 'is kept elsewhere',
    'kept aside': 'is of the log kept aside',
    gone: 'is gone from this log',
  }
  return [first, ...shown.map(({ name, head, says }) => `${name}: head ${head.slice(0, 12)} ${where[says]}`)]
}

function breakOf(prev: string | null, before: number): string {
  if (before === 0) return 'the lines before it are gone'
  if (prev === null) return 'it begins a second chain in the middle of the first'
  return `it does not follow line ${before}: that line was changed, or one between them was removed or put in later`
}

/** The heads that tags carry in their messages ("Audit-Head: <sha-256>" or "Audit: …", and "Run: <id>" of the run that tagged). */
export function auditAnchors(tags: readonly { name: string; message: string; at?: string }[]): AuditAnchor[] {
  return tags.flatMap(({ name, message, at }) => {
    const head = /^Audit(?:-Head)?:\s*([0-9a-f]{64})\s*$/im.exec(message)?.[1]
    const run = /^Run:\s*([a-z][\w.-]*)\s*$/im.exec(message)?.[1] ?? null
    return head === undefined
      ? []
      : [{ name, head: head.toLowerCase(), here: false, run, ...(at === undefined ? {} : { at }) }]
  })
}

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

/** A head recorded elsewhere. `here` when this clone made the record, so that the line must be in this log. */
export type AuditAnchor = { name: string; head: string; here: boolean }

export type AuditVerdict = {
  ok: boolean
  lines: number
  ours: number
  foreign: number
  head: string | null
  /** The first line that does not hold. */
  broken: { line: number; because: string; text: string } | null
  anchors: { name: string; head: string; line: number | null; says: 'found' | 'kept elsewhere' | 'gone' }[]
}

type Hash = (text: string) => string

/** Splits a log into rows. Blank lines are dropped; lines of other tools are kept as they are. */
export function auditRows(text: string): AuditRow[] {
  return text
    .split('\n')
    .map((line, index) => ({ line: index + 1, text: line.replace(/\r$/, ''), entry: auditLine(line) }))
    .filter((row) => row.text.trim() !== '')
}

/** The line as ours, or null. */
export function auditLine(text: string): AuditLine | null {
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
  const found = anchors.map(({ name, head: anchored, here }) => {
    const line = lineOf.get(anchored) ?? null
    return { name, head: anchored, line, says: line === null ? (here ? 'gone' : 'kept elsewhere') : 'found' } as const
  })
  const gone = found.find((anchor) => anchor.says === 'gone')
  if (gone && broken === null) {
    const last = ours.at(-1)
    const because = `the line that ${gone.name} recorded as the newest is no longer in the log: its end was cut off or rewritten`
    broken = { line: (last?.line ?? 0) + 1, because, text: '' }
  }
  return {
    ok: broken === null,
    lines: rows.length,
    ours: ours.length,
    foreign: rows.length - ours.length,
    head,
    broken,
    anchors: found,
  }
}

function breakOf(prev: string | null, before: number): string {
  if (before === 0) return 'the lines before it are gone'
  if (prev === null) return 'it begins a second chain in the middle of the first'
  return `it does not follow line ${before}: that line was changed, or one between them was removed or put in later`
}

/** The head named in a tag's message ("Audit-Head: <sha-256>"), or null. */
export function anchoredHead(message: string): string | null {
  return /^Audit-Head:\s*([0-9a-f]{64})\s*$/m.exec(message)?.[1] ?? null
}

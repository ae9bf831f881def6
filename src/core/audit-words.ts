import type { AuditLine, AuditRow } from './audit-chain.ts'
import type { AuditView } from './deck.ts'
import { short } from './naming.ts'
import { clean } from './text.ts'

/** A row of the log in the words people read. Text is safe to show. */
export function auditView(row: AuditRow): AuditView {
  if (row.entry === null) return legacyView(row.text)
  const { at, actor, event, outcome, subject } = row.entry
  const view = { at, actor, event, outcome, subject, says: auditSays(row.entry) }
  const safe = Object.entries(view).map(([key, text]) => [key, clean(text)])
  return { ...(Object.fromEntries(safe) as typeof view), legacy: false }
}

const STARTED = new Set(['started', 'start', 'begin', 'initiated'])
const DONE = new Set(['done', 'certified', 'complete', 'passed', 'ok'])

/** One sentence for a line of ours; backup and rollback in the words the teams already know. */
export function auditSays(line: Pick<AuditLine, 'event' | 'outcome' | 'subject' | 'detail'>): string {
  const { event, outcome, subject, detail } = line
  const commit = typeof detail?.['commit'] === 'string' ? short(detail['commit']) : subject
  const done = DONE.has(outcome)
  const started = STARTED.has(outcome)
  if (event === 'backup' || event === 'backup.quick') {
    if (done) return `Quick backup created: ${commit}`
    return started ? `Quick backup started: ${commit}` : `Quick backup ${outcome}: ${commit}`
  }
  if (event === 'backup.prod' && done) return `Release archived: ${subject}`
  if (event === 'rollback') {
    if (started) return `Rollback initiated to ${rollbackGoal(subject, detail?.['from'])}`
    return done ? 'Rollback complete - production restored' : `Rollback ${outcome}: ${subject}`
  }
  if (event === 'deploy') {
    if (started) return `Deploy started: ${subject}`
    return done ? `Deploy complete: ${subject}` : `Deploy ${outcome}: ${subject}`
  }
  if (event === 'gate') return gateSays(outcome, subject, detail?.['reason'])
  return `${sentence(event)} ${outcome}: ${subject}`
}

/** A backup is named by its time, as the teams do; a tag by its name. */
function rollbackGoal(subject: string, from: unknown): string {
  return typeof from === 'string' ? `backup from ${from}` : subject
}

function gateSays(outcome: string, subject: string, reason: unknown): string {
  const why = typeof reason === 'string' && reason !== '' ? ` (${reason})` : ''
  if (outcome === 'passed') return `Gate passed: ${subject}`
  if (outcome === 'pass') return `Gate item passed: ${subject}`
  if (outcome === 'fail') return `Gate item failed: ${subject}${why}`
  if (outcome === 'waived') return `Gate item waived: ${subject}${why}`
  return `Gate ${outcome}: ${subject}`
}

function sentence(event: string): string {
  const words = event.replaceAll(/[._-]+/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const TIME = /\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z| ?UTC|[+-]\d\d:?\d\d)?)?/

/** A line another tool wrote: JSON fields by their usual names, else the first time found in it and the text. */
function legacyView(text: string): AuditView {
  const fields = jsonFields(text)
  const pick = (...names: string[]) =>
    clean(names.map((name) => fields[name]).find((value) => value !== undefined) ?? '')
  const found = TIME.exec(text)?.[0] ?? ''
  const said = clean(found === '' ? text : text.replace(found, ' '))
    .replace(/^[\s[\]|:–-]+/, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
  const known = Object.keys(fields).length > 0
  const words = [
    pick('event', 'action', 'type', 'check', 'script', 'name'),
    pick('outcome', 'status', 'result'),
    pick('subject', 'message', 'notes', 'msg', 'tag', 'commit'),
  ]
  return {
    at: isoTime(pick('at', 'timestamp', 'time', 'ts', 'date') || found),
    actor: pick('actor', 'user', 'operator', 'by', 'agent'),
    event: words[0] ?? '',
    outcome: words[1] ?? '',
    subject: words[2] ?? '',
    says: known ? words.filter((word) => word !== '').join(' · ') || said : said,
    legacy: true,
  }
}

function isoTime(text: string): string {
  const plain = text.replace(/ ?UTC$/, 'Z').replace(' ', 'T')
  const zoned = /T/.test(plain) && !/(?:Z|[+-]\d\d:?\d\d)$/.test(plain) ? `${plain}Z` : plain
  const time = Date.parse(zoned)
  return Number.isNaN(time) ? '' : new Date(time).toISOString()
}

function jsonFields(text: string): Record<string, string> {
  if (!text.startsWith('{')) return {}
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, unknown>)
    const plain = entries.filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    return Object.fromEntries(plain.map(([key, value]) => [key, String(value)]))
  } catch {
    return {}
  }
}

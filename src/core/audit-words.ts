import { size } from './age.ts'
import type { AuditLine, AuditRow } from './audit-chain.ts'
import type { AuditView } from './deck.ts'
import { day, short } from './naming.ts'
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
const DONE = new Set(['done', 'complete'])

/** What an operation is called at its start and at its end. */
const OPERATIONS: Record<string, { started: string; done: string; name: string }> = {
  deploy: { started: 'Deploy started', done: 'Deploy complete', name: 'Deploy' },
  certify: { started: 'Certification started', done: 'Certification complete', name: 'Certification' },
  'verify-live': { started: 'Live verification started', done: 'Live verification passed', name: 'Live verification' },
  verify: { started: 'Verification started', done: 'Verified', name: 'Verification' },
  'restore.beside': { started: 'Restore beside started', done: 'Restored beside', name: 'Restore beside' },
  'restore.undo': { started: 'Swap back started', done: 'Swapped back', name: 'Swap back' },
  'restore.forget': { started: 'Forgetting started', done: 'No longer kept', name: 'Forgetting' },
  emergency: { started: 'Emergency restore initiated', done: 'Emergency restore complete', name: 'Emergency restore' },
  'emergency.rehearse': {
    started: 'Emergency rehearsal started',
    done: 'Emergency rehearsed',
    name: 'Emergency rehearsal',
  },
  'drill.spot': { started: 'Spot restore drill started', done: 'Spot restore drill done', name: 'Spot restore drill' },
  'drill.full': { started: 'Full restore drill started', done: 'Full restore drill done', name: 'Full restore drill' },
  'mirror.push': {
    started: 'Copying to mirrors started',
    done: 'Mirrors brought up to date',
    name: 'Copying to mirrors',
  },
  'mirror.check': { started: 'Reading mirrors back started', done: 'Mirrors read back', name: 'Reading mirrors back' },
  sacred: { started: 'Sacred point started', done: 'Sacred point set', name: 'Sacred point' },
  'backup.delete': { started: 'Deletion started', done: 'Backup deleted', name: 'Deletion' },
  'publish.record': { started: 'Recording a release started', done: 'Release recorded', name: 'Recording a release' },
  publish: { started: 'Publishing started', done: 'Published', name: 'Publishing' },
  prune: { started: 'Prune started', done: 'Pruned', name: 'Prune' },
  'backup.quick': { started: 'Quick backup started', done: 'Quick backup created', name: 'Quick backup' },
}

/** How a run ended that did not come to its end. */
const ENDINGS: Record<string, string> = {
  undone: 'failed and was put back',
  stuck: 'failed and could not be put back',
  halted: 'stopped half way',
}

/** One sentence for a line of ours; backup and rollback in the words the teams already know. */
export function auditSays(line: Pick<AuditLine, 'event' | 'outcome' | 'subject' | 'detail'>): string {
  const { event, outcome, subject, detail } = line
  const started = STARTED.has(outcome)
  if (event === 'rollback' && started) return `Rollback initiated to ${rollbackGoal(subject, detail?.['from'])}`
  if (event === 'rollback' && DONE.has(outcome)) return 'Rollback complete - production restored'
  if (event === 'restore' && started) return `Restore initiated to ${rollbackGoal(subject, detail?.['from'])}`
  if (event === 'restore' && DONE.has(outcome)) return 'Restore complete - production restored'
  if (event === 'verify' && outcome === 'undone') return `Verification failed: ${subject}`
  if (event === 'doubt') return `Doubt ${outcome}: ${subject}`
  if (event === 'gate') return gateSays(outcome, subject, detail?.['reason'])
  if (event === 'release' && outcome === 'verified') return `Release verified, not certified: ${subject}`
  const known = OPERATIONS[event === 'backup' ? 'backup.quick' : event] ?? backupWords(event)
  const commit = /^(Quick|Full) backup$/.test(known?.name ?? '') ? detail?.['commit'] : undefined
  const bytes = detail?.['bytes']
  const held = typeof bytes === 'number' && DONE.has(outcome) ? ` (${size(bytes)})` : ''
  const what = `${typeof commit === 'string' ? short(commit) : subject}${held}`
  if (known && started) return `${known.started}: ${what}`
  if (known && DONE.has(outcome)) return `${known.done}: ${what}`
  return `${known?.name ?? sentence(event)} ${ENDINGS[outcome] ?? outcome}: ${what}`
}

/** Every kind but quick, whose words the teams' own log has had for years. */
function backupWords(event: string): { started: string; done: string; name: string } | undefined {
  const kind = event === 'baseline.create' ? 'baseline' : /^backup\.([a-z]+)$/.exec(event)?.[1]
  if (kind === undefined) return undefined
  const name = sentence(kind === 'baseline' ? kind : `${kind} backup`)
  return { started: `${name} started`, done: `${name} created`, name }
}

/** A backup is named by its day, as the teams do; a tag by its name. */
function rollbackGoal(subject: string, from: unknown): string {
  if (typeof from === 'string') return `backup from ${from}`
  const ms = Number(/^(?:quick|full)-(\d{12,14})(?:-\d+)?$/.exec(subject)?.[1] ?? Number.NaN)
  if (!Number.isNaN(ms)) return `backup from ${day(new Date(ms))}`
  const [, y, m, d] = /^(?!pre-)[a-z-]+[-_](\d{4})(\d\d)(\d\d)_\d{6}Z(?:-\d+)?$/.exec(subject) ?? []
  return y === undefined ? subject : `backup from ${y}-${m}-${d}`
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

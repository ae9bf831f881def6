import { duration } from './age.ts'
import { codeSpan, escapeMarkdown, linkOrCode } from './markdown.ts'
import { slug } from './naming.ts'

/** All a deploy log says. Times are ISO 8601 UTC; what is unknown is null, never invented. */
export type DeployLog = {
  title: string
  at: string
  /** `certified`, `verified, not certified`, `failed`, `rollback` … as people read it. */
  outcome: string
  operator: string
  host: string
  run: string
  commit: string
  commitSubject: string | null
  tag: string | null
  buildId: string | null
  version: string | null
  type: string | null
  backup: string | null
  artefact: string | null
  rollbackTarget: string | null
  /** Why, where the run was asked for one. */
  reason: string | null
  deployUrl: string | null
  tookMs: number | null
  /** `file` is where the gate's verdicts are kept. */
  gate: { state: string; file: string; items: DeployLogGateItem[] } | null
  reads: { url: string; at: string; ok: boolean; says: string }[]
  notes: string[]
  /** What was done since the log before by way of an exception, a sentence each. */
  deviations?: string[]
}

type DeployLogGateItem = {
  title: string
  state: string
  by: string | null
  at: string | null
  reason: string | null
  approvedBy: string | null
  evidence: { from: string; kept: string | null; sha256: string }[]
}

/** `2025-11-21_v1-5-0-certified.md`; the day is the deploy's own, UTC. */
export function deployLogName(at: string, subject: string): string {
  return `${at.slice(0, 10)}_${slug(subject)}.md`
}

/** The log as Markdown. Everything that came from outside is escaped. */
export function renderDeployLog(log: DeployLog): string {
  const facts: [string, string | null][] = [
    ['Deploy timestamp (UTC)', escapeMarkdown(log.at)],
    ['Outcome', escapeMarkdown(log.outcome)],
    ['Initiator', escapeMarkdown(`${log.operator}@${log.host}`)],
    ['Commit', `${codeSpan(log.commit)}${log.commitSubject === null ? '' : ` ${escapeMarkdown(log.commitSubject)}`}`],
    ['Tag', code(log.tag) ?? 'none'],
    ['BUILD_ID', code(log.buildId) ?? 'unknown'],
    ['Version', code(log.version)],
    ['Type', log.type === null ? null : escapeMarkdown(log.type)],
    ['Took', log.tookMs === null ? null : duration(log.tookMs)],
    ['Backup', code(log.backup) ?? 'none'],
    ['Artefact', code(log.artefact)],
    ['Rollback target', code(log.rollbackTarget) ?? 'none'],
    ['Deploy URL', log.deployUrl === null ? null : linkOrCode(log.deployUrl)],
    ['Reason', log.reason === null ? null : escapeMarkdown(log.reason)],
    ['Run', codeSpan(log.run)],
  ]
  const lines = facts.flatMap(([name, value]) => (value === null ? [] : [`- **${name}:** ${value}`]))
  const parts = [
    [`# ${escapeMarkdown(log.title)}`, '', ...lines],
    gatePart(log),
    deviationsPart(log),
    section(
      'Verification',
      log.reads.map(
        (read) =>
          `- ${read.ok ? '✓' : '✗'} ${linkOrCode(read.url)} at ${escapeMarkdown(read.at)}: ${escapeMarkdown(read.says)}`,
      ),
    ),
    evidencePart(log),
    section(
      'Notes',
      log.notes.map((note) => `- ${escapeMarkdown(note)}`),
    ),
  ]
  return `${parts
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n')}\n`
}

function code(text: string | null): string | null {
  return text === null ? null : codeSpan(text)
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, '', ...lines]
}

function gatePart({ gate }: DeployLog): string[] {
  if (gate === null) return []
  const items = gate.items.map((item) => {
    const who = [item.by, item.at].filter((word) => word !== null).join(', ')
    return `- ${escapeMarkdown(item.title)}: ${item.state}${who === '' ? '' : ` (${escapeMarkdown(who)})`}`
  })
  return section('Gate', [
    `${escapeMarkdown(gate.state)}, kept in ${codeSpan(gate.file)}`,
    ...(items.length > 0 ? ['', ...items] : []),
  ])
}

function deviationsPart({ gate, deviations = [] }: DeployLog): string[] {
  const waived = (gate?.items ?? [])
    .filter((item) => item.state === 'waived')
    .map((item) => {
      const approved = item.approvedBy === null ? '' : `, approved by ${item.approvedBy}`
      return `${item.title}: waived${approved}. ${item.reason ?? ''}`
    })
  return section(
    'Deviations',
    [...waived, ...deviations].map((says) => `- ${escapeMarkdown(says)}`),
  )
}

function evidencePart({ gate }: DeployLog): string[] {
  const lines = (gate?.items ?? []).flatMap((item) =>
    item.evidence.map(({ from, kept, sha256 }) => {
      return `- ${escapeMarkdown(item.title)}: ${linkOrCode(kept ?? from)}, SHA-256 ${codeSpan(sha256)}`
    }),
  )
  return section('Evidence', lines)
}

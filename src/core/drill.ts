import type { BackupKind, ListedBackup } from './backup.ts'
import { codeSpan, escapeMarkdown } from './markdown.ts'

export type DrillKind = 'spot' | 'full'

/** One line of `backups/drills.jsonl`. `ms` is the recovery time; times are ISO 8601 UTC. */
export type DrillLine = {
  kind: DrillKind
  at: string
  run: string
  passed: boolean
  ms: number
  backups: string[]
  by: string
  log: string
}

/** When a drill was last passed and is due again; `overdueMs` is 0 while it is not. `dueAt` null: never passed, due now. */
export type DrillFacts = { kind: DrillKind; lastAt: string | null; dueAt: string | null; overdueMs: number }

/** Which backups a drill works with: of each kind the newest that stands. */
const USES: Readonly<Record<DrillKind, readonly BackupKind[]>> = {
  spot: ['bundle', 'data', 'release'],
  full: ['bundle', 'data', 'release', 'full', 'prod', 'baseline'],
}

/** The newest backup of every kind the drill works with. */
export function drillBackups(kind: DrillKind, backups: readonly ListedBackup[]): ListedBackup[] {
  return USES[kind].flatMap((one) => {
    const found = backups.filter((backup) => backup.kind === one && backup.state === 'ok')
    return found.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, 1)
  })
}

/** What a drill leaves out, a sentence each: a kind it has no backup of, or of which a newer one than it takes does not stand. */
export function leftOutOf(kind: DrillKind, backups: readonly ListedBackup[], withData: boolean): string[] {
  const chosen = drillBackups(kind, backups)
  return USES[kind].flatMap((one) => {
    const taken = chosen.find((backup) => backup.kind === one)
    const after = taken === undefined ? Number.NEGATIVE_INFINITY : Date.parse(taken.at)
    const [newest] = backups
      .filter((backup) => backup.kind === one && backup.state !== 'ok' && Date.parse(backup.at) > after)
      .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))
    const called = one === 'baseline' ? 'baseline' : `${one} backup`
    if (newest === undefined) {
      const why = one === 'data' && !withData ? 'backups.data is not configured' : 'there is none'
      return taken === undefined ? [`No ${called} is drilled: ${why}.`] : []
    }
    const state = `${newest.state}${newest.because === null ? '' : ` (${newest.because})`}`
    if (taken === undefined) return [`No ${called} is drilled: ${newest.id} is ${state}.`]
    return [`${taken.id} is drilled, though ${newest.id} is newer: that one is ${state}.`]
  })
}

/** When each drill is due, by the lines that tell of passed ones and how often it is to be done, ms. */
export function drillsDue(
  every: Readonly<Record<DrillKind, number>>,
  lines: readonly DrillLine[],
  now: Date,
): DrillFacts[] {
  return (['spot', 'full'] as const).map((kind) => {
    // A full drill is everything a spot drill is.
    const passed = lines.filter((line) => line.passed && (line.kind === kind || line.kind === 'full'))
    const last =
      passed
        .map((line) => line.at)
        .toSorted()
        .at(-1) ?? null
    if (last === null) return { kind, lastAt: null, dueAt: null, overdueMs: 0 }
    const due = Date.parse(last) + every[kind]
    return { kind, lastAt: last, dueAt: new Date(due).toISOString(), overdueMs: Math.max(0, now.getTime() - due) }
  })
}

/** One thing that was done or looked at: by a step of the run, or by a person. */
export type DrillItem = {
  title: string
  detail: string
  state: 'passed' | 'failed' | 'open'
  ms: number | null
  output: string[]
}

/** The recorded checklist, as Markdown that a reader can tick on paper too. */
export function drillMarkdown(
  line: DrillLine,
  of: { project: string; environment: string; host: string },
  items: readonly DrillItem[],
  leftOut: readonly string[],
): string {
  const open = items.filter((item) => item.state === 'open').length
  const verdict = line.passed
    ? 'passed'
    : open > 0 && items.every((item) => item.state !== 'failed')
      ? `open, ${open} to confirm`
      : 'failed'
  const head = [
    `# ${escapeMarkdown(of.project)} / ${escapeMarkdown(of.environment)}: ${line.kind} restore drill`,
    '',
    `- **When (UTC):** ${line.at}`,
    `- **By:** ${escapeMarkdown(`${line.by}@${of.host}`)}`,
    `- **Result:** ${verdict}`,
    `- **Recovery time:** ${(line.ms / 1000).toFixed(1)} s`,
    `- **Backups:** ${line.backups.map(codeSpan).join(', ') || 'none'}`,
    `- **Run:** ${codeSpan(line.run)}`,
    '',
    '## Checklist',
    '',
  ]
  const mark = { passed: 'x', failed: ' ', open: ' ' } as const
  const rows = items.flatMap(({ title, detail, state, ms, output }) => [
    `- [${mark[state]}] ${escapeMarkdown(title)}${detail === '' ? '' : ` ${escapeMarkdown(detail)}`}${state === 'failed' ? ': **failed**' : ''}${ms === null ? '' : ` (${(ms / 1000).toFixed(1)} s)`}`,
    ...output.map((text) => `  - ${codeSpan(text)}`),
  ])
  const rest = leftOut.length === 0 ? [] : ['', '## Left out', '', ...leftOut.map((why) => `- ${escapeMarkdown(why)}`)]
  return [...head, ...rows, ...rest, ''].join('\n')
}

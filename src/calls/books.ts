import { join } from 'node:path'
import type { DeployLog } from '../core/deploy-log.ts'
import { deviationsSince } from '../core/deviations.ts'
import type { ReleaseRow } from '../core/facts.ts'
import { statePaths } from '../core/paths.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { appendAudit, readAudit } from '../records/audit-log.ts'
import { writeDeployLog } from '../records/deploy-log.ts'
import { readGate } from '../records/gate.ts'
import { readLogs, writeLogIndex } from '../records/log-index.ts'
import { addReleases, readReleases } from '../records/releases.ts'
import { now } from '../world/clock.ts'
import { readJson } from '../world/files.ts'
import type { Read } from './live.ts'
import { READS_FILE } from './live.ts'

type Row = { url: string; row: Omit<ReleaseRow, 'id'> }
type Said = Omit<DeployLog, 'gate' | 'reads' | 'tookMs' | 'deviations'>
/** `gate` says by which rules the commit was let through; null where no gate was asked. */
export type LogInput = {
  dir: string
  subject: string
  log: Said
  startedAt: string
  gate: { commit: string; rules: Pick<Project['gate'], 'checks' | 'confirmations' | 'validMs'> } | null
}
type FailedInput = LogInput & { outcome: string; failedStep: string | null; error: string | null }
type Audit = {
  event: string
  outcome: string
  subject: string
  operator: string
  host: string
  detail: Record<string, string | null>
}

/** What is written down of a run: record, log, index, audit line. Each is written once, however often it is asked for. */
export const bookCalls = {
  'record.insert': async ({ url, row }: Row, io: Io) => {
    const [added] = await addReleases({ root: io.root, url, signal: io.signal }, [row])
    return { id: added?.id ?? 0 }
  },

  'record.probe': async ({ url, row }: Row, io: Io) => {
    const standing = (await readReleases({ root: io.root, url, signal: io.signal }, 50)).find(
      (one) => one.run === row.run,
    )
    return standing === undefined
      ? { state: 'absent', saw: null }
      : { state: 'done', saw: { id: standing.id }, gives: { id: standing.id } }
  },

  'log.write': async (input: LogInput, io: Io) => ({ path: await written(input, io) }),

  'log.probe': async ({ dir, log }: LogInput, io: Io) => {
    const standing = (await readLogs(io.root, dir)).find((one) => one.run === log.run)
    if (standing === undefined) return { state: 'absent', saw: null }
    return { state: 'done', saw: { file: standing.file }, gives: { path: join(dir, standing.file) } }
  },

  /** The log of a run that did not come to its end; one that did, or that was held before it began, has none. */
  'log.failed': async ({ outcome, failedStep, error, ...input }: FailedInput, io: Io) => {
    if (outcome === 'done' || outcome === 'held') return { path: null }
    const where = failedStep === null ? '' : `Stopped at ${failedStep}. `
    const log = {
      ...input.log,
      outcome: `failed (${outcome})`,
      tag: null,
      notes: [`${where}${error ?? ''}`.trim() || outcome, ...input.log.notes],
    }
    const path = await written({ ...input, log }, io)
    await writeLogIndex(io.root, input.dir)
    return { path }
  },

  'index.write': async ({ dir }: { dir: string }, io: Io) => ({ path: (await writeLogIndex(io.root, dir)).path }),

  'audit.append': async (input: Audit, io: Io) => {
    if (await audited(input, io)) return {}
    const { operator: actor, host, event, outcome, subject, detail } = input
    const { hash } = await appendAudit(io.root, { actor, host, run: io.run, event, outcome, subject, detail })
    return { hash }
  },

  'audit.probe': async (input: Audit, io: Io) => ({
    state: (await audited(input, io)) ? 'done' : 'absent',
    saw: null,
    gives: {},
  }),

  /** For what is only bookkeeping that may be done again: it never stands half done. */
  'again.probe': async () => ({ state: 'absent', saw: null }),
} satisfies CallRegistry

async function written({ dir, subject, log, startedAt, gate }: LogInput, io: Io): Promise<string> {
  const reads = (await readJson(join(io.dir, READS_FILE)).catch(() => null)) as Read[] | null
  const tookMs = Math.max(0, now().getTime() - Date.parse(startedAt))
  const passed =
    gate === null ? null : await readGate({ root: io.root, gate: gate.rules as Project['gate'] }, gate.commit, now())
  const shown =
    passed === null || gate === null
      ? null
      : { state: passed.state, file: statePaths('').gate(gate.commit), items: passed.items }
  const before = await readLogs(io.root, dir)
  const full: DeployLog = {
    ...log,
    tookMs: Number.isNaN(tookMs) ? null : tookMs,
    reads: (reads ?? []).slice(-12),
    gate: shown,
    deviations: deviationsSince(await readAudit(io.root).catch(() => []), before),
  }
  return (await writeDeployLog(io.root, dir, subject, full)).path
}

async function audited({ event, outcome }: Audit, io: Io): Promise<boolean> {
  return (await readAudit(io.root)).some(
    ({ entry }) => entry !== null && entry.run === io.run && entry.event === event && entry.outcome === outcome,
  )
}

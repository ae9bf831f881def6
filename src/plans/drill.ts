import type { BackupKind, ListedBackup } from '../core/backup.ts'
import { type DrillKind, drillBackups, leftOutOf } from '../core/drill.ts'
import type { Facts } from '../core/facts.ts'
import { valueOr } from '../core/known.ts'
import type { Plan, Step } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { call, step } from '../core/step.ts'
import type { Decided } from './decided.ts'
import { fetchedBundle } from './drill-release.ts'
import type { GitHubGiven } from './publish.ts'
import { smokeSteps } from './rehearse.ts'
import { planRestore } from './restore.ts'
import { planVerify, scratchOf } from './verify.ts'

/** `confirmed`: what a person said of the manual steps, by id, with evidence where there is any. `given`: where a published bundle is fetched. */
export type DrillRequest = {
  kind: DrillKind
  confirmed: Record<string, { passed: boolean; evidence: string | null }>
  given: GitHubGiven
}

const NOTHING = {
  id: 'no-backups',
  why: 'there is nothing to drill with',
  fix: 'make a backup: knowngood backup release',
}

/** A restore drill into a scratch place: every backup of the drill restored and counted, smoke commands, key files, a checklist. */
export function planDrill(
  project: Project,
  facts: Facts,
  { kind, confirmed, given }: DrillRequest,
  decided: Decided,
): Plan {
  const backups = valueOr(facts.backups, [])
  const chosen = drillBackups(kind, backups)
  const ids = chosen.map(({ id }) => id)
  const fetched = fetchedBundle(project, facts, chosen, given, decided)
  const plan = planVerify(project, facts, { ids, rung: 'restored', files: fetched.files }, decided)
  const { smoke, files } = project.drills[kind]
  const scratch = scratchOf(project, decided)
  const drops = plan.steps.filter((one) => one.id.startsWith('drop.'))
  const verdict = plan.steps.filter((one) => one.id === 'verdict')
  const rest = plan.steps.filter((one) => !drops.includes(one) && !verdict.includes(one))
  // What was put beside stays until the smoke commands and the look for key files have seen it.
  const steps = [
    ...fetched.before,
    ...rest,
    ...fileSteps(files, scratch),
    ...smokeSteps(smoke, scratch),
    ...drops,
    ...verdict,
  ]
  const holds = chosen.length === 0 && facts.backups.ok ? [NOTHING] : [...fetched.holds, ...plan.holds]
  const lacks = facts.backups.ok ? leftOutOf(kind, backups, project.backups.data !== null) : []
  const leftOut = [...lacks, ...plan.warnings]
  return {
    ...plan,
    op: 'drill',
    title: `${kind === 'spot' ? 'Spot' : 'Full'} restore drill of ${project.project} / ${project.environment}`,
    request: { kind, confirmed },
    warnings: leftOut,
    audit: { required: false, event: `drill.${kind}`, subject: ids.join(', ') },
    holds,
    steps: holds.length > 0 ? [] : steps,
    always:
      holds.length > 0
        ? []
        : [recordStep(project, decided, { kind, confirmed, ids, steps, leftOut }), ...fetched.after, ...plan.always],
  }
}

/** The seeds' own drill: the services stopped, live data moved aside, the newest backup of it restored, smoke tests on the real thing. */
export function planDrillLive(project: Project, facts: Facts, { confirmed }: DrillRequest, decided: Decided): Plan {
  const kind = 'full'
  const chosen = liveBackup(valueOr(facts.backups, []))
  const id = chosen?.id ?? 'nothing'
  const request = { id, only: [], flushRedis: false, acceptSchema: false, reason: null }
  const plan = planRestore(project, facts, request, decided)
  const steps = [...plan.steps, ...smokeSteps(project.drills.full.smoke, project.root)]
  const holds = chosen === null ? [NOTHING] : plan.holds
  return {
    ...plan,
    op: 'drill',
    title: `Live restore drill of ${project.project} / ${project.environment} with ${id}`,
    request: { kind, live: true, confirmed },
    audit: { required: true, event: 'drill.full', subject: id },
    holds,
    steps: holds.length > 0 ? [] : steps,
    always:
      holds.length > 0
        ? []
        : [recordStep(project, decided, { kind, confirmed, ids: [id], steps, leftOut: [] }), ...plan.always],
  }
}

/** The newest backup that holds live data: the runtime folder's own, else a release's. */
function liveBackup(backups: readonly ListedBackup[]): ListedBackup | null {
  const newest = (kind: BackupKind) =>
    backups
      .filter((one) => one.kind === kind && one.state === 'ok')
      .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))[0]
  return newest('data') ?? newest('release') ?? newest('full') ?? null
}

function fileSteps(files: readonly string[], scratch: string): Step[] {
  if (files.length === 0) return []
  const input = { scratch, files: [...files] }
  return [
    step(
      'files',
      'Look for key files',
      [call('drill.files', input, `look for ${files.join(', ')}`, [['find', scratch]])],
      {
        detail: files.join(', '),
        gives: ['found'],
        stop: 'anytime',
      },
    ),
  ]
}

type Drilled = {
  kind: DrillKind
  confirmed: DrillRequest['confirmed']
  ids: string[]
  steps: Step[]
  leftOut: string[]
}

function recordStep(project: Project, decided: Decided, { kind, confirmed, ids, steps, leftOut }: Drilled): Step {
  const { log, [kind]: options } = project.drills
  const { operator, host } = decided
  const flat = (all: readonly Step[]): Step[] => all.flatMap((one) => [one, ...flat(one.steps ?? [])])
  const input = {
    kind,
    of: { project: project.project, environment: project.environment, host },
    by: operator,
    to: log,
    backups: ids,
    steps: flat(steps).map(({ id, title, detail = '', gives }) => ({
      id,
      title,
      detail,
      ...(gives.includes('ok') ? { ok: { $: `${id}.ok` } } : {}),
    })),
    manual: options.confirmations.map(({ id, title, look }) => ({
      title,
      look,
      passed: confirmed[id]?.passed ?? null,
      evidence: confirmed[id]?.evidence ?? null,
    })),
    leftOut,
    startedAt: { $: 'run.startedAt' },
    outcome: { $: 'run.outcome' },
  }
  return step('drill', 'Write the checklist', [call('drill.record', input, `write the checklist into ${log}`)], {
    effect: 'local',
    gives: ['log', 'passed', 'ms'],
    probe: call('again.probe', {}, 'it is written once for a run'),
    stop: 'never',
    onFail: 'owe',
  })
}

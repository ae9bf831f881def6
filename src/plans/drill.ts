import { type DrillKind, drillBackups } from '../core/drill.ts'
import type { Facts } from '../core/facts.ts'
import type { Json } from '../core/json.ts'
import { valueOr } from '../core/known.ts'
import { allSteps, type Plan, type Step } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { call, step } from '../core/step.ts'
import type { Decided } from './decided.ts'
import { smokeSteps } from './rehearse.ts'
import { planVerify, scratchOf } from './verify.ts'

/** `confirmed`: what a person said of the manual steps, by id, with evidence where there is any. */
export type DrillRequest = { kind: DrillKind; confirmed: Record<string, { passed: boolean; evidence: string | null }> }

/** A restore drill into a scratch place: every backup of the drill restored and counted, smoke commands, key files, a checklist. */
export function planDrill(project: Project, facts: Facts, { kind, confirmed }: DrillRequest, decided: Decided): Plan {
  const chosen = drillBackups(kind, valueOr(facts.backups, []))
  const ids = chosen.map(({ id }) => id)
  const plan = planVerify(project, facts, { ids, rung: 'restored' }, decided)
  const { smoke, files, confirmations } = project.drills[kind]
  const scratch = scratchOf(project, decided)
  const drops = plan.steps.filter((one) => one.id.startsWith('drop.'))
  const verdict = plan.steps.filter((one) => one.id === 'verdict')
  const rest = plan.steps.filter((one) => !drops.includes(one) && !verdict.includes(one))
  // What was put beside stays until the smoke commands and the look for key files have seen it.
  const steps = [...rest, ...fileSteps(files, scratch), ...smokeSteps(smoke, scratch), ...drops, ...verdict]
  const holds =
    chosen.length === 0
      ? [{ id: 'no-backups', why: 'there is nothing to drill with', fix: 'make a backup: knowngood backup release' }]
      : plan.holds
  const manual = confirmations.map(({ id, title, look }) => ({
    title,
    look,
    passed: confirmed[id]?.passed ?? null,
    evidence: confirmed[id]?.evidence ?? null,
  }))
  const { operator, host } = decided
  const record = {
    kind,
    of: { project: project.project, environment: project.environment, host },
    by: operator,
    to: project.drills.log,
    backups: ids,
    steps: allSteps({ ...plan, steps, always: [] }).map(({ id, title, detail = '' }) => ({ id, title, detail })),
    manual,
    startedAt: { $: 'run.startedAt' },
    outcome: { $: 'run.outcome' },
  }
  return {
    ...plan,
    op: 'drill',
    title: `${kind === 'spot' ? 'Spot' : 'Full'} restore drill of ${project.project} / ${project.environment}`,
    request: { kind, confirmed },
    audit: { required: false, event: `drill.${kind}`, subject: ids.join(', ') },
    holds,
    steps: holds.length > 0 ? [] : steps,
    always: holds.length > 0 ? [] : [recordStep(record, project.drills.log), ...plan.always],
  }
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

function recordStep(input: Json, log: string): Step {
  return step('drill', 'Write the checklist', [call('drill.record', input, `write the checklist into ${log}`)], {
    effect: 'local',
    gives: ['log', 'passed', 'ms'],
    probe: call('again.probe', {}, 'it is written once for a run'),
    stop: 'never',
    onFail: 'owe',
  })
}

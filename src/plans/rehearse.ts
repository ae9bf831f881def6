import { chooseBaseline } from '../core/baseline.ts'
import type { Facts } from '../core/facts.ts'
import { valueOr } from '../core/known.ts'
import type { Plan, Step } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { call, step } from '../core/step.ts'
import type { Decided } from './decided.ts'
import { witnessStep } from './emergency-parts.ts'
import { planVerify, scratchOf } from './verify.ts'

const SMOKE_MS = 1_800_000

/**
 * Break glass into a scratch place: the baseline read, opened, put back beside everything and counted, the smoke commands run
 * there. Gives the `restored` proof and the measured time that the emergency shows. Touches nothing live.
 */
export function planRehearsal(project: Project, facts: Facts, baseline: string | null, decided: Decided): Plan {
  const wanted = baseline ?? project.emergency.baseline
  const chosen = chooseBaseline(valueOr(facts.backups, []), wanted)
  const plan = planVerify(project, facts, { ids: [chosen?.id ?? wanted], rung: 'restored' }, decided)
  if (chosen === null || plan.holds.length > 0) {
    const fix = 'make one while all is well: knowngood baseline create NAME'
    const holds = chosen === null ? [{ id: 'no-baseline', why: 'there is no baseline', fix }] : plan.holds
    return { ...plan, title: 'Rehearse the emergency', holds, steps: [], always: [] }
  }
  const { id, digest } = chosen
  const scratch = scratchOf(project, decided)
  const note = step(
    'rehearsed',
    'Note the time',
    [call('emergency.rehearsed', { baseline: id, digest, startedAt: { $: 'run.startedAt' } }, 'note how long it took')],
    { effect: 'local', gives: ['ms'], probe: call('again.probe', {}, 'it may be noted again'), onFail: 'owe' },
  )
  const drops = plan.steps.filter((one) => one.id.startsWith('drop.'))
  const rest = plan.steps.filter((one) => !one.id.startsWith('drop.') && one.id !== 'verdict')
  const verdict = plan.steps.filter((one) => one.id === 'verdict')
  return {
    ...plan,
    title: `Rehearse the emergency with ${id}`,
    request: { rehearse: id },
    audit: { required: false, event: 'emergency.rehearse', subject: id },
    // What was put beside stays until the smoke commands have seen it.
    steps: [witnessStep(chosen), ...rest, ...smokeSteps(project.emergency.smoke, scratch), ...drops, ...verdict, note],
  }
}

/** The team's own commands, told by KNOWNGOOD_SCRATCH where everything stands. */
export function smokeSteps(commands: readonly string[][], scratch: string): Step[] {
  return commands.map((argv, index) =>
    step(
      `smoke-${index + 1}`,
      'Smoke test',
      [
        {
          do: 'exec',
          argv,
          env: { KNOWNGOOD_SCRATCH: scratch },
          idleMs: SMOKE_MS,
          timeoutMs: SMOKE_MS,
          okCodes: [0],
        },
      ],
      { detail: argv.join(' '), stop: 'anytime' },
    ),
  )
}

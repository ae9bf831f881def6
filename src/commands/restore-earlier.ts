import { EXIT } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'
import type { Plan } from '../core/plan.ts'
import { planRestoreForget } from '../plans/restore-forget.ts'
import { planRestoreUndo } from '../plans/restore-undo.ts'
import type { RunResult } from '../run/execute.ts'
import { mask } from '../world/secrets.ts'
import { type Options, type Report, textOption } from './command.ts'
import type { Context } from './context.ts'
import { decide } from './decide.ts'
import { planWhenFree } from './held.ts'
import { operate } from './operate.ts'
import { keptToForget, keptToUndo } from './restore-kept.ts'

/** `restore --undo RUN`: what that run replaced is live again. */
export async function swapBack(context: Context, undo: string, options: Options): Promise<Report> {
  const project = await context.project()
  const { of, kept } = await keptToUndo(project.root, undo)
  const plan = await planWhenFree(context, async (facts) =>
    planRestoreUndo(
      project,
      facts,
      { undo, of, kept, reason: reasonOf(options) },
      await decide(context, project, 'restore'),
    ),
  )
  return await operate(context, plan, options, (result) => ({
    data: { ...dataOf(plan, result), undone: undo },
    lines: [`Swapped back: what stood there before ${undo} is live again.`],
  }))
}

/** `restore --forget RUN`: what that run kept is removed. */
export async function forgetKept(context: Context, forget: string, options: Options): Promise<Report> {
  const project = await context.project()
  const { of, kept, forgotten, folder } = await keptToForget(project.root, forget)
  if (forgotten)
    return { exit: EXIT.done, data: { forgotten: forget, removed: [] }, lines: [`${forget} keeps nothing any more.`] }
  const plan = await planWhenFree(context, async (facts) =>
    planRestoreForget(
      project,
      facts,
      { forget, of, kept, folder, reason: reasonOf(options) },
      await decide(context, project, 'restore'),
    ),
  )
  const removed = plan.steps.map(({ detail }) => detail ?? '')
  return await operate(context, plan, options, () => ({
    data: { forgotten: forget, removed },
    lines: [`What ${forget} kept is removed:`, ...removed.map((what) => `  ${what}`)],
  }))
}

/** What every restore tells, whichever way it went. */
export function dataOf(plan: Plan, result: RunResult): JsonRecord {
  const kept = Object.entries(result.gives).flatMap(([step, gives]) =>
    /^(swap|back)\./.test(step) ? [[step.slice(step.indexOf('.') + 1), gives['kept'] ?? null] as const] : [],
  )
  return {
    restoredTo: plan.names['id'] ?? null,
    type: plan.names['type'] ?? null,
    backupId: plan.names['id'] ?? null,
    kept: Object.fromEntries(kept),
  }
}

/** What `--reason` says, masked; null without it. */
export function reasonOf(options: Options): string | null {
  const reason = textOption(options, 'reason')
  return reason === null ? null : mask(reason)
}

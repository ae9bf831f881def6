import { calls } from '../calls/registry.ts'
import { age } from '../core/age.ts'
import { EXIT, held, UserError } from '../core/failure.ts'
import { table } from '../report/table.ts'
import { inspectRun, readRun } from '../run/inspect.ts'
import { resumeRun, type SettleRequest, undoRun } from '../run/resume.ts'
import { listRuns } from '../run/summary.ts'
import type { Report, RunCommand } from './command.ts'
import type { Context } from './context.ts'
import { settled } from './operate.ts'
import { survivedContext, survivingProject } from './surviving.ts'

/** `knowngood resume [RUN]`: what was interrupted and what is really there; with --yes it is finished, with --undo put back. */
export const run: RunCommand = async (given, [id], options) => {
  // What was reviewed is in the journal: no configuration is needed to end it.
  const survived = await survivingProject(given, null)
  const context = survivedContext(given, survived)
  const { root } = survived.project
  if (id === undefined) return await list(context, root)
  const undo = options['undo'] === true
  if (context.dryRun || options['yes'] !== true) return await inspect(context, root, id, undo)
  return await settle(context, root, id, undo ? undoRun : resumeRun)
}

/** Settles an interrupted run in this process, drawn headless. */
export async function settle(
  context: Context,
  root: string,
  id: string,
  how: (request: SettleRequest) => ReturnType<typeof resumeRun>,
): Promise<Report> {
  const { plan } = await readRun(root, id)
  const { headlessFace } = await import('../report/listr.ts')
  const result = await how({
    root,
    run: id,
    calls,
    by: context.operator,
    signals: true,
    waitMs: context.waitMs,
    face: headlessFace(),
  })
  const words: Record<string, string> = { done: 'finished', undone: 'put back as it was', abandoned: 'left as it is' }
  const gone = result.outcome === 'undone' ? await stayedGone(root, id) : null
  return await settled(context, plan, result, () => ({
    data: {},
    lines: [`${plan.title}: ${gone ?? words[result.outcome] ?? result.outcome}.`],
  }))
}

/** A removal that was begun is not put back: what of it is gone stays so. */
async function stayedGone(root: string, id: string): Promise<string | null> {
  const { plan, steps } = await readRun(root, id)
  const one = plan.steps.find((step) => {
    const state = steps.get(step.id)?.state ?? 'none'
    return step.effect === 'destroys' && step.undo === undefined && state !== 'none' && state !== 'undone'
  })
  return one === undefined ? null : `put back as far as can be; what "${one.title}" had removed stays removed`
}

async function list(context: Context, root: string): Promise<Report> {
  const open = (await listRuns(root)).filter((one) => one.state === 'interrupted' || one.outcome === 'stuck')
  const lines = table(
    open.map((one) => [
      one.id,
      one.title,
      `stopped at ${one.lastStepTitle ?? 'its start'}`,
      age(one.startedAt, context.now()),
    ]),
  )
  return { exit: EXIT.done, data: { runs: open }, lines: lines.length > 0 ? lines : ['No run was interrupted.'] }
}

/** What is really there, and which ways out are open. Acts on nothing; without a terminal it names the missing flag. */
export async function inspect(context: Context, root: string, id: string, undo: boolean): Promise<Report> {
  const found = await inspectRun(root, id, calls)
  const way = (name: string, { can, why }: { can: boolean; why: string }) => `  ${can ? '✓' : '✗'} ${name}: ${why}`
  const lines = [
    found.run.title,
    '',
    ...table(
      found.steps
        .filter((step) => step.journal !== 'none')
        .map((step) => [`  ${step.title}`, `journal: ${step.journal}`, step.seen]),
    ),
    '',
    way('resume', found.resume),
    way('undo', found.undo),
    way('abandon', found.abandon),
  ]
  if (context.dryRun)
    return { exit: EXIT.done, data: { inspection: found }, lines: [...lines, '', 'Nothing has changed.'] }
  const { can, why } = undo ? found.undo : found.resume
  if (context.interactive || context.json) {
    const next = can ? ['', `  $ knowngood resume ${id}${undo ? ' --undo' : ''} --yes`] : []
    return { exit: EXIT.done, data: { inspection: found }, lines: [...lines, ...next] }
  }
  if (!can) throw held(`${found.run.title} cannot be ${undo ? 'put back' : 'resumed'}`, why, lines)
  throw new UserError(`${found.run.title} needs --yes`, undo ? 'it would be put back' : 'it would be finished', [
    ...lines,
    `knowngood resume ${id}${undo ? ' --undo' : ''} --yes`,
  ])
}

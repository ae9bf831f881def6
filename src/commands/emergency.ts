import { stretch } from '../core/age.ts'
import { statePaths } from '../core/paths.ts'
import type { Plan } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { clean } from '../core/text.ts'
import { planEmergency } from '../plans/emergency.ts'
import { planRehearsal } from '../plans/rehearse.ts'
import type { RunResult } from '../run/execute.ts'
import { mask } from '../world/secrets.ts'
import { listOption, type Options, type Report, type RunCommand, textOption } from './command.ts'
import type { Context } from './context.ts'
import { decide } from './decide.ts'
import { operate } from './operate.ts'
import { auditWarnings, carriedSays, stateElsewhere, survivedContext, survivingProject } from './surviving.ts'

/** `knowngood emergency`: break glass. Needs as little as possible: a baseline, and somebody who types the name. */
export const run: RunCommand = async (given, _args, options) => {
  const baseline = textOption(options, 'baseline')
  const context = await surviving(given, baseline)
  const [project, facts] = await Promise.all([context.project(), context.facts({ remote: true, live: true })])
  if (options['rehearse'] === true) return await rehearse(context, project, options, baseline)
  const decided = await decide(context, project, 'emergency')
  const reason = textOption(options, 'reason')
  const plan = planEmergency(
    project,
    facts,
    {
      baseline,
      only: listOption(options, 'only'),
      keepData: options['keepData'] === true,
      reason: reason === null ? null : mask(reason),
    },
    decided,
  )
  const warnings = [...plan.warnings, ...(await auditWarnings(project))]
  return await operate(context, { ...plan, warnings }, options, (result) => told(plan, result))
}

function told(plan: Plan, result: RunResult) {
  const { id = '', snapshot = '' } = plan.names
  return {
    data: { restoredTo: id, type: 'baseline', backupId: snapshot, owed: result.owed },
    lines: [
      `Production is restored from ${clean(id)}.`,
      `What stood there before is kept as ${snapshot}; swap back: knowngood restore --undo ${result.run}`,
    ],
  }
}

async function rehearse(
  context: Context,
  project: Project,
  options: Options,
  baseline: string | null,
): Promise<Report> {
  const facts = await context.facts({ remote: true, only: ['backups', 'sources'] })
  const plan = planRehearsal(project, facts, baseline, await decide(context, project, 'verify'))
  return await operate(context, plan, options, (result) => {
    const ms = Number(result.gives['rehearsed']?.['ms'] ?? 0)
    return {
      data: { rehearsed: plan.names['id'] ?? '', ms },
      lines: [`${plan.names['id'] ?? ''} was put back into a scratch place and counted; that took ${stretch(ms)}.`],
    }
  })
}

/** A context that goes on with a broken configuration and a state folder that cannot be written, and says so. */
async function surviving(context: Context, baseline: string | null): Promise<Context> {
  const survived = await survivingProject(context, baseline)
  const { project, problem, from } = survived
  if (problem !== null && from === null) throw problem
  const says = carriedSays(survived)
  if (says !== null) context.say(`! ${says}`)
  const { home } = statePaths(project.root)
  const elsewhere = await stateElsewhere(project)
  if (elsewhere !== null) context.say(`! ${home} cannot be written; the journal of this run is kept in ${elsewhere}`)
  return survivedContext(context, survived)
}

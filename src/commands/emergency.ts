import { minute, stretch } from '../core/age.ts'
import type { ListedBackup } from '../core/backup.ts'
import { chooseBaseline, isWhole } from '../core/baseline.ts'
import { EXIT, UserError } from '../core/failure.ts'
import { handWord } from '../core/hand-lines.ts'
import { valueOr } from '../core/known.ts'
import { statePaths } from '../core/paths.ts'
import type { Plan } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { clean } from '../core/text.ts'
import { planEmergency } from '../plans/emergency.ts'
import { planRehearsal } from '../plans/rehearse.ts'
import { byHandLines } from '../run/by-hand.ts'
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
  if (options['rehearse'] === true) refuseParts(options)
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
  const report = await operate(context, { ...plan, warnings }, options, (result) => told(plan, result))
  return damaged(plan, valueOr(facts.backups, []), unreached(plan, half(plan, report)))
}

/** A baseline that does not hold is not the only one there may be. */
function damaged(plan: Plan, backups: readonly ListedBackup[], report: Report): Report {
  const at = plan.steps.find((step) => step.title === report.data['failedStep'])
  if (at === undefined || !/^(?:witness|hash|readable\.)/.test(at.id)) return report
  const other = chooseBaseline(
    backups.filter(({ id }) => id !== plan.names['id']),
    'latest',
  )
  if (other === null || !isWhole(other)) return report
  return {
    ...report,
    lines: [...report.lines, `Another, of ${minute(other.at)}: knowngood emergency --baseline ${handWord(other.id)}`],
  }
}

/** A restore that stopped on its way to the code says first what is true of the data. */
function half(plan: Plan, report: Report): Report {
  const at = plan.steps.findIndex((step) => step.title === report.data['failedStep'])
  const code = plan.steps.findIndex((step) => step.id === 'code')
  const target = plan.steps.findLastIndex((step) => step.id.startsWith('target.'))
  if (report.exit !== EXIT.notPutBack || code < 0 || at < code || at > target) return report
  const data =
    plan.names['sources'] === '' ? 'The code is not restored.' : 'The data is restored and stays; the code is not.'
  const undo = `Swap the data back: knowngood restore --undo ${plan.names['run'] ?? ''}`
  return { ...report, lines: [data, ...report.lines, ...(plan.names['sources'] === '' ? [] : [undo])] }
}

/** A server that does not answer is no reason to leave everything else broken. */
function unreached(plan: Plan, report: Report): Report {
  const at = plan.steps.find((step) => step.title === report.data['failedStep'])
  if (at === undefined || !at.id.startsWith('reach.')) return report
  const names = (plan.names['sources'] ?? '').split(' ').map((pair) => pair.slice(0, pair.lastIndexOf('=')))
  const rest = names.filter((name) => name !== at.id.slice('reach.'.length))
  if (rest.length === 0) return report
  const only = rest.map((name) => `--only ${name}`).join(' ')
  return { ...report, lines: [...report.lines, `The rest, meanwhile: knowngood emergency ${only}`] }
}

function told(plan: Plan, result: RunResult) {
  const { id = '', snapshot = '' } = plan.names
  return {
    data: { restoredTo: id, type: 'baseline', backupId: snapshot, owed: result.owed },
    lines: [
      `Production is restored from ${clean(id)}.`,
      `What stood there before is kept as ${snapshot}; swap back: knowngood restore --undo ${result.run}`,
      ...owedByHand(plan, result),
    ],
  }
}

/** The branch that could not be moved, as a line for when the remote answers again. */
function owedByHand(plan: Plan, { owed, gives }: RunResult): string[] {
  const certify = plan.steps.find((step) => step.id === 'certify')
  if (certify === undefined || !owed.some((text) => text.startsWith(`${certify.title}: `))) return []
  const lines = byHandLines(certify.actions, { gives, run: {}, lenient: true })
  return ['When the remote answers again:', ...lines.map((line) => `  $ ${line}`)]
}

/** What is measured and proven is the whole of it. */
function refuseParts(options: Options): void {
  if (listOption(options, 'only').length === 0 && options['keepData'] !== true) return
  throw new UserError('--rehearse takes no --only and no --keep-data', 'it goes through the whole baseline', [
    'knowngood emergency --rehearse touches nothing that is live.',
  ])
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

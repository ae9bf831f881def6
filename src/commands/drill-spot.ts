import { EXIT, UserError } from '../core/failure.ts'
import type { DrillKind } from '../core/drill.ts'
import { clean } from '../core/text.ts'
import type { Project } from '../core/project.ts'
import { planDrill, planDrillLive, type DrillRequest } from '../plans/drill.ts'
import { readDrills } from '../records/drill-log.ts'
import { mask } from '../world/secrets.ts'
import { listOption, type Options, type Report, type RunCommand } from './command.ts'
import type { Context } from './context.ts'
import { decide } from './decide.ts'
import { gitHubGiven } from './github-given.ts'
import { operate } from './operate.ts'

/** `knowngood drill spot`: the newest bundle, data archive and release backup, put back into a scratch place. */
export const run: RunCommand = (context, _args, options) => drill(context, 'spot', options)

/** A drill into a scratch place, or with --live in place, recorded whichever way it goes. */
export async function drill(context: Context, kind: DrillKind, options: Options): Promise<Report> {
  const project = await context.project()
  const facts = await context.facts({ remote: true, only: ['git', 'backups', 'sources', 'runs', 'lock', 'releases'] })
  const confirmed = confirmedBy(project, kind, options)
  const make = options['live'] === true ? planDrillLive : planDrill
  const given = gitHubGiven(project.github.token)
  const plan = make(project, facts, { kind, confirmed, given }, await decide(context, project, 'drill'))
  const report = await operate(context, plan, options, () => ({ data: {}, lines: [] }))
  const line = (await readDrills(project.root)).find((one) => one.run === plan.names['run'])
  if (line === undefined) return report
  const open = project.drills[kind].confirmations.filter(({ id }) => confirmed[id] === undefined).map(({ id }) => id)
  const data = { ...report.data, log: line.log, passed: line.passed, recoveryMs: line.ms, open, leftOut: plan.warnings }
  const verdict = line.passed
    ? 'passed'
    : report.exit === EXIT.done
      ? `is open: ${open.join(', ')} to confirm`
      : 'failed'
  const lines = [
    ...report.lines,
    `The ${kind} drill ${verdict}; recovery took ${(line.ms / 1000).toFixed(1)} s. ${line.log}`,
  ]
  // A drill whose manual steps nobody has looked at is not one that was passed.
  return { exit: report.exit === EXIT.done && !line.passed ? EXIT.held : report.exit, data, lines }
}

/** `--pass ID`, `--pass ID=EVIDENCE`, `--fail ID`. */
function confirmedBy(project: Project, kind: DrillKind, options: Options): DrillRequest['confirmed'] {
  const known = project.drills[kind].confirmations.map(({ id }) => id)
  const given = (name: string, passed: boolean) =>
    listOption(options, name).map((text) => {
      const [id = '', ...evidence] = text.split('=')
      if (!known.includes(id)) {
        throw new UserError(
          `The ${kind} drill has no manual step ${clean(id)}`,
          `it has ${known.join(', ') || 'none'}`,
          [`They are drills.${kind}.confirmations in knowngood.yaml.`],
        )
      }
      return [id, { passed, evidence: evidence.length === 0 ? null : mask(evidence.join('=')) }] as const
    })
  return Object.fromEntries([...given('pass', true), ...given('fail', false)])
}

import type { Step } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { call, step } from '../core/step.ts'

/** What surrounds an act in place: stopped before it, started after it, and started in every case at the end. */
export type ServiceSteps = { stop: Step[]; start: Step[]; always: Step[] }

/** The steps around whatever replaces live data; none where no service is configured. `fence`: the shared lock is ours. */
export function serviceSteps(project: Pick<Project, 'services'>, fence: boolean): ServiceSteps {
  const { services } = project
  if (services.length === 0) return { stop: [], start: [], always: [] }
  const input = { services: services.map(({ stop, start, status }) => ({ stop, start, status })) }
  const stops = services.map(({ stop }) => stop)
  const starts = services.map(({ start }) => start)
  const looks = services.map(({ status, start }) => status ?? start)
  const stopAll = call('services.stop', input, `stop what works with the data: ${said(stops)}`, stops)
  const startAll = call('services.start', input, `start what was stopped: ${said(starts)}`, starts)
  const stop = step('stop', 'Stop the services', [stopAll], {
    detail: said(stops),
    effect: 'outward',
    fence,
    probe: call('services.stopped', input, 'which services this run has stopped', looks),
    undo: [startAll],
  })
  const start = step('start', 'Start the services', [startAll], {
    detail: said(starts),
    effect: 'outward',
    probe: call('services.started', input, 'which services this run has started again', looks),
    undo: [stopAll],
    onFail: 'halt',
  })
  const ensure = step('ensure', 'See that the services run', [startAll], {
    effect: 'outward',
    probe: call('services.started', input, 'which services this run has started again', looks),
    stop: 'never',
    onFail: 'owe',
  })
  return { stop: [stop], start: [start], always: [ensure] }
}

function said(commands: readonly string[][]): string {
  return commands.map((argv) => argv.join(' ')).join('; ')
}

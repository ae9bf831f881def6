import type { JsonRecord } from './json.ts'
import type { Operation, Plan } from './plan.ts'
import type { Project } from './project.ts'

/** What is told outside: a run went well or failed, or something has become stale without anybody running anything. */
export type NoticeEvent = 'success' | 'failure' | 'stale'

/** Sent to the webhook as it is; hooks get the same as `KNOWNGOOD_*` variables. Times are ISO 8601 UTC. */
export type Notice = {
  schema: 1
  event: NoticeEvent
  project: string
  environment: string
  op: Operation | 'check'
  title: string
  run: string | null
  outcome: string
  exit: number
  /** What failed, or what is stale, one sentence each; masked. */
  says: string[]
  operator: string
  host: string
  at: string
}

/** Reading production or walking the gate changes nothing that anybody has to hear of. */
const SILENT: readonly Operation[] = ['gate', 'verify-live']

type Ended = { exit: number; outcome: string; error: string | null; owed: readonly string[] }

/** The notice of a run that ended; null for a run nobody has to hear of. */
export function noticeOfRun(
  project: Pick<Project, 'project' | 'environment'>,
  plan: Pick<Plan, 'op' | 'title' | 'names'>,
  ended: Ended,
  who: { operator: string; host: string; at: string },
): Notice | null {
  if (SILENT.includes(plan.op)) return null
  const { exit, outcome, error, owed } = ended
  return {
    schema: 1,
    event: exit === 0 ? 'success' : 'failure',
    project: project.project,
    environment: project.environment,
    op: plan.op,
    title: plan.title,
    run: plan.names['run'] ?? null,
    outcome,
    exit,
    says: [...(error === null ? [] : [error]), ...owed.map((what) => `still owed: ${what}`)],
    ...who,
  }
}

/** The variables a hook is given. */
export function noticeVariables(notice: Notice): Record<string, string> {
  const { event, project, environment, op, title, run, outcome, exit, says, operator, host, at } = notice
  return {
    KNOWNGOOD_EVENT: event,
    KNOWNGOOD_PROJECT: project,
    KNOWNGOOD_ENVIRONMENT: environment,
    KNOWNGOOD_OP: op,
    KNOWNGOOD_TITLE: title,
    KNOWNGOOD_RUN_ID: run ?? '',
    KNOWNGOOD_OUTCOME: outcome,
    KNOWNGOOD_EXIT: String(exit),
    KNOWNGOOD_SAYS: says.join('\n'),
    KNOWNGOOD_OPERATOR: operator,
    KNOWNGOOD_HOST: host,
    KNOWNGOOD_AT: at,
  }
}

/** The body of the webhook. */
export function noticeBody(notice: Notice): string {
  return JSON.stringify(notice satisfies JsonRecord)
}

import { EXIT, type ExitCode, messageOf } from '../core/failure.ts'
import { short } from '../core/naming.ts'
import type { Plan } from '../core/plan.ts'
import { confirmationName, type Project } from '../core/project.ts'
import { provenTag } from '../core/rollback-candidates.ts'
import { schemaNow } from '../core/schema-revision.ts'
import { calls } from '../calls/registry.ts'
import { observe } from '../facts/observe.ts'
import { planRollback } from '../plans/rollback.ts'
import { executePlan, type RunResult } from '../run/execute.ts'
import type { TreeFace } from '../run/tree.ts'
import { now } from '../world/clock.ts'
import { host } from '../world/identity.ts'
import { decide } from './decide.ts'

/** What became of a release whose verification failed: 4 when the way back is proven, 7 when the bad one stays. */
export type Unasked = { exit: ExitCode; to: string | null; result: RunResult | null; says: string }

type Ended = { plan: Plan; result: RunResult; by: string; face?: TreeFace }

/**
 * `deploy.on_failed_verify: rollback`: returns to the release proven before, when production answered and answered
 * wrongly. Null where it has no say. A host that cannot be reached, a database that moved on, or any hold of a
 * rollback is left for a person to judge.
 */
export async function rollBackUnasked(project: Project, { plan, result, by, face }: Ended): Promise<Unasked | null> {
  if (project.deploy.onFailedVerify !== 'rollback' || plan.op !== 'deploy' || result.exit !== EXIT.liveWrong)
    return null
  const stays = (why: string, to: string | null = null, went: RunResult | null = null): Unasked => ({
    exit: EXIT.liveWrong,
    to,
    result: went,
    says: `Not rolled back unasked: ${why}.`,
  })
  if (result.answered !== true) return stays('production could not be asked, so nothing says that the release is bad')
  try {
    const facts = await observe(project, { remote: true, live: true, operator: by })
    const to = provenTag(project, facts)
    if (to === null) return stays('no earlier release is recorded as proven')
    // Without a revision to compare, a migration that ran may have left a database the older code cannot use.
    const migrated = plan.steps.some((step) => step.id.startsWith('migrate-'))
    if (migrated && typeof schemaNow(facts.sources) !== 'string')
      return stays('this release ran a migration, and no source tells the schema revision', to)
    const reason = `unasked: ${short(plan.names['commit'] ?? '')} failed its live verification in ${result.run}`
    const request = { to, by: project.rollback.by, reason }
    const decided = await decide({ now, operator: by, host: host() }, project, 'rollback')
    const back = planRollback(project, facts, request, decided)
    if (back.holds.length > 0) return stays(back.holds.map((hold) => hold.why).join('; '), to)
    // Nobody typed this: the configuration is the yes, and the audit log says so.
    const answers = { review: 'deploy.on_failed_verify', reason, typed: confirmationName(project) }
    const shown = face === undefined ? {} : { face }
    const went = await executePlan({ root: project.root, plan: back, answers, calls, by, signals: true, ...shown })
    if (went.exit !== EXIT.done) return stays(`the rollback to ${to} stopped: ${went.error ?? went.outcome}`, to, went)
    const says = `Rolled back unasked (deploy.on_failed_verify): ${to} is live again, proven by its BUILD_ID.`
    return { exit: EXIT.putBack, to, result: went, says }
  } catch (error) {
    return stays(messageOf(error))
  }
}

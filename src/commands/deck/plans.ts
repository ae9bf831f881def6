import type { DeckRequest } from '../../core/deck.ts'
import { held } from '../../core/failure.ts'
import type { Plan } from '../../core/plan.ts'
import type { Project } from '../../core/project.ts'
import { observe } from '../../facts/observe.ts'
import { planBackup } from '../../plans/backup.ts'
import { planCertify } from '../../plans/certify.ts'
import { planDeploy } from '../../plans/deploy.ts'
import { planRollback } from '../../plans/rollback.ts'
import { planVerify } from '../../plans/verify.ts'
import { planVerifyLive } from '../../plans/verify-live.ts'
import { now } from '../../world/clock.ts'
import { decide } from '../decide.ts'

/** The plan of what a screen asks for, from facts looked at for it. */
export async function planFor(
  project: Project,
  who: { operator: string; host: string },
  request: DeckRequest,
): Promise<Plan> {
  const [facts, decided] = await Promise.all([
    observe(project, { live: true, remote: true }),
    decide({ ...who, now }, project, request.op),
  ])
  switch (request.op) {
    case 'backup':
      return planBackup(project, facts, { ...request, notes: request.notes ?? null }, decided)
    case 'verify':
      return planVerify(project, facts, { ids: [request.id], rung: request.rung }, decided)
    case 'restore':
    case 'delete':
    case 'prune':
      throw held(`${request.op} is not possible here`, 'it cannot be planned yet', ['Use another way.'])
    case 'deploy':
      return planDeploy(project, facts, { type: request.type }, decided)
    case 'certify':
      return planCertify(project, facts, {}, decided)
    case 'verify-live':
      return planVerifyLive(project, facts, { buildId: null, reads: project.verify.reads }, decided)
    case 'rollback':
      return planRollback(
        project,
        facts,
        { to: request.to, by: project.rollback.by, acceptSchema: request.acceptSchema === true, reason: null },
        decided,
      )
  }
}

import type { DeckRequest } from '../../core/deck.ts'
import { held } from '../../core/failure.ts'
import type { Plan } from '../../core/plan.ts'
import type { Project } from '../../core/project.ts'
import { observe } from '../../facts/observe.ts'
import { planBackup } from '../../plans/backup.ts'
import { planCertify } from '../../plans/certify.ts'
import { planDelete } from '../../plans/delete.ts'
import { planDeploy } from '../../plans/deploy.ts'
import { planEmergency } from '../../plans/emergency.ts'
import { planPrune } from '../../plans/prune.ts'
import { planRestoreBeside } from '../../plans/restore-beside.ts'
import { planRestore } from '../../plans/restore.ts'
import { planRestoreForget } from '../../plans/restore-forget.ts'
import { planRestoreUndo } from '../../plans/restore-undo.ts'
import { planRollback } from '../../plans/rollback.ts'
import { planVerify } from '../../plans/verify.ts'
import { planVerifyLive } from '../../plans/verify-live.ts'
import { now } from '../../world/clock.ts'
import { mask } from '../../world/secrets.ts'
import { decide } from '../decide.ts'
import { placeOf } from '../restore-place.ts'
import { keptToForget, keptToUndo } from '../restore-kept.ts'
import { auditWarnings, stateWarnings } from '../surviving.ts'

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
      return planBackup(project, facts, { ...request, notes: masked(request.notes) }, decided)
    case 'verify':
      return planVerify(project, facts, { ids: [request.id], rung: request.rung }, decided)
    case 'restore': {
      if ('to' in request) {
        const { id, only, to } = request
        return planRestoreBeside(project, facts, { id, only, file: null, ...placeOf(project.root, to) }, decided)
      }
      const reason = masked(request.reason)
      if ('id' in request) return planRestore(project, facts, { ...request, reason }, decided)
      if ('forget' in request) {
        const { forget } = request
        const { of, kept, folder, forgotten } = await keptToForget(project.root, forget)
        if (forgotten) throw held(`${forget} keeps nothing any more`, 'what it kept was removed', ['R looks again.'])
        return planRestoreForget(project, facts, { forget, of, kept, folder, reason }, decided)
      }
      const { of, kept } = await keptToUndo(project.root, request.undo)
      return planRestoreUndo(project, facts, { undo: request.undo, of, kept, reason }, decided)
    }
    case 'delete':
      return planDelete(project, facts, { id: request.id, reason: masked(request.reason) }, decided)
    case 'prune':
      return planPrune(project, facts, { kind: request.kind }, decided)
    case 'emergency':
      return await warned(
        project,
        planEmergency(project, facts, { ...request, reason: masked(request.reason) }, decided),
      )
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
        {
          to: request.to,
          by: project.rollback.by,
          acceptSchema: request.acceptSchema === true,
          withData: request.withData === true,
          reason: null,
        },
        decided,
      )
  }
}

/** The plan with what of this machine it goes on without. */
async function warned(project: Project, plan: Plan): Promise<Plan> {
  const warnings = await Promise.all([auditWarnings(project), stateWarnings(project)])
  return { ...plan, warnings: [...plan.warnings, ...warnings.flat()] }
}

/** What was typed, without the values of secrets that may have been pasted into it. */
function masked(text: string | undefined): string | null {
  return text === undefined ? null : mask(text)
}

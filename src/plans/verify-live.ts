import { commitLive } from '../core/commit-live.ts'
import type { Facts } from '../core/facts.ts'
import { noChecks } from '../core/holds.ts'
import type { Hold, Plan } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { buildIdOf } from '../core/release.ts'
import type { Decided } from './decided.ts'
import { verifyStep } from './release-parts.ts'
import { planned } from './planned.ts'

/** Proves that production serves the expected BUILD_ID: the one asked for, else that of the current release. Only reads. */
export function planVerifyLive(
  project: Project,
  facts: Facts,
  request: { buildId?: string | null; reads?: number },
  decided: Decided,
): Plan {
  const current = facts.git.ok ? facts.git.value.current : null
  const commit = current ?? commitLive(facts)?.commit ?? null
  const buildId = request.buildId ?? (commit === null ? null : buildIdOf(project.build.id, commit))
  const reads = request.reads ?? project.verify.reads
  const holds: Hold[] = project.verify.checks.length === 0 ? [noChecks] : []
  if (buildId === null)
    holds.push({
      id: 'no-build-id',
      why: 'nothing has been released, so no BUILD_ID is expected',
      fix: 'name one: knowngood verify-live --build-id ID',
    })
  return planned(decided, {
    op: 'verify-live',
    title: `Verify ${buildId?.slice(0, 12) ?? 'production'} live`,
    request: { buildId: request.buildId ?? null, reads },
    names: { buildId: buildId ?? '', commit: commit ?? '' },
    holds,
    audit: { required: false, event: 'verify-live', subject: buildId ?? '' },
    locks: false,
    steps: buildId === null ? [] : [verifyStep(project, buildId, reads)],
  })
}

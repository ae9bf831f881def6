import { commitLive } from '../core/commit-live.ts'
import type { Facts } from '../core/facts.ts'
import { heldHere, nothingLive } from '../core/holds.ts'
import type { Plan } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import type { Decided } from './decided.ts'
import { quickId, quickStep } from './parts.ts'
import { pruneSteps } from './prune-steps.ts'
import { planned } from './planned.ts'

/** Keeps the live commit: a record, a reference here and on the remote, and the proof that every object is there. */
export function planBackupQuick(
  project: Project,
  facts: Facts,
  request: { notes?: string | null },
  decided: Decided,
): Plan {
  const notes = request.notes ?? null
  const id = quickId(decided)
  const commit = commitLive(facts)?.commit ?? null
  const made = quickStep(project, facts, decided, notes, true)
  const holds = made === null ? [nothingLive(facts)] : []
  const warnings = heldHere(facts)
  return planned(decided, {
    op: 'backup',
    title: commit === null ? 'Quick backup' : `Quick backup of ${commit.slice(0, 7)}`,
    request: { kind: 'quick', notes },
    names: { id, commit: commit ?? '' },
    holds,
    warnings,
    audit: { required: false, event: 'backup.quick', subject: commit?.slice(0, 7) ?? id },
    locks: true,
    steps: made === null ? [] : [made, ...pruneSteps(project, facts, ['quick'])],
  })
}

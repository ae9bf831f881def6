import type { Facts, RollbackCandidate } from '../core/facts.ts'
import { halfDone, lockHold, noChecks, unreadLock } from '../core/holds.ts'
import { valueOr } from '../core/known.ts'
import type { Hold } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { dataAlone } from '../core/rollback-candidates.ts'
import { clean } from '../core/text.ts'

type Asked = { to: string; by: 'revert' | 'reset'; acceptSchema: boolean }

/** What keeps a rollback from starting. A gate is not asked: going back must not wait for one. */
export function rollbackHolds(
  project: Project,
  facts: Facts,
  candidate: RollbackCandidate | undefined,
  asked: Asked,
): Hold[] {
  const holds: Hold[] = []
  const list = 'see what there is: knowngood rollback'
  if (!facts.git.ok)
    holds.push({ id: 'git', why: `the repository could not be read: ${facts.git.because}`, fix: facts.git.fix })
  if (candidate === undefined)
    holds.push({ id: 'unknown', why: `${clean(asked.to)} is neither a prod tag nor a backup`, fix: list })
  else {
    if (!candidate.offered)
      holds.push({
        id: 'not-offered',
        why: `${candidate.id} is not offered: ${candidate.because ?? 'it does not hold'}`,
        fix: dataAlone(project, facts, candidate)
          ? `put its data alone back: knowngood restore ${clean(candidate.id)}`
          : list,
      })
    const { verdict, from, to } = candidate.schema
    if (verdict !== 'same' && !asked.acceptSchema) {
      const why =
        verdict === 'differs'
          ? `the database is at ${from}, that code was made for ${to}`
          : `the database is at ${from ?? 'an unknown revision'}, and what that code was made for is ${to ?? 'not recorded'}`
      const restores = candidate.data === undefined ? '' : `put its data back too: --with-data; or, `
      holds.push({ id: 'schema', why, fix: `${restores}if that code works with it: --accept-schema, with a reason` })
    }
    if (asked.by === 'reset') holds.push(...resetHolds(facts))
  }
  if (project.verify.checks.length === 0) holds.push(noChecks)
  const half = halfDone(facts)
  if (half !== undefined)
    holds.push({
      id: 'unfinished',
      why: `the ${half.op} ${half.id} stopped half way`,
      fix: `settle it first: knowngood resume ${half.id}`,
      key: 'enter',
    })
  const holder = valueOr(facts.lock.local, null) ?? valueOr(facts.lock.shared, null)
  if (holder !== null && holder.run !== half?.id) holds.push(lockHold(holder))
  return [...holds, ...unreadLock(facts)]
}

/** A reset takes commits off the branch, so each must belong to a release that is known to be undone. */
function resetHolds(facts: Facts): Hold[] {
  if (!facts.git.ok) return []
  const { remoteBranch: tip, current, tags, branch } = facts.git.value
  const deployed = new Set([
    current,
    ...tags.map((tag) => tag.commit),
    ...valueOr(facts.logs, []).map((log) => log.commit),
  ])
  if (facts.live.ok) deployed.add(facts.live.value.matches)
  if (tip === null || deployed.has(tip)) return []
  return [
    {
      id: 'foreign-commits',
      why: `${branch} holds commits that no undone release brought (${tip.slice(0, 7)})`,
      fix: 'use --by revert, which keeps them in the history',
    },
  ]
}

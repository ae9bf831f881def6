import type { Facts, GateItem } from '../core/facts.ts'
import { uncertified } from '../core/gate.ts'
import { lockHold, unreadLock } from '../core/holds.ts'
import { valueOr } from '../core/known.ts'
import type { Hold, Plan } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { buildIdOf } from '../core/release.ts'
import { clean } from '../core/text.ts'
import { failedLogStep } from './certify-parts.ts'
import { certifySteps, deployLog } from './certify-steps.ts'
import type { Decided } from './decided.ts'
import { basisOf } from './deploy.ts'
import { basisStep, gateRules, lockSteps, remoteOf, unlockSteps } from './parts.ts'
import { stagedPath, tagFor } from './release-facts.ts'
import { verifyStep } from './release-parts.ts'
import { planned } from './planned.ts'

/** Tags what a deploy left verified, once the confirmations asked afterwards have passed. Production is proven again first. */
export function planCertify(project: Project, facts: Facts, _request: Record<string, never>, decided: Decided): Plan {
  const git = facts.git.ok ? facts.git.value : null
  const commit = git?.remoteBranch ?? git?.next?.oid ?? ''
  const deploy = valueOr(facts.logs, []).find(
    (log) => log.commit === commit && log.outcome?.startsWith('verified') === true,
  )
  const run = deploy?.run ?? decided.run
  const release = {
    commit,
    buildId: buildIdOf(project.build.id, commit),
    type: deploy?.type === 'patch' ? ('patch' as const) : ('release' as const),
    tag: tagFor(project, facts, decided),
    backup: deploy?.backup ?? null,
    staged: stagedPath(project, run),
  }
  const remote = remoteOf(facts)
  const title = `Certify ${commit.slice(0, 7)} as ${release.tag}`
  const basis = basisOf(project, facts, '', release.tag)
  return planned(decided, {
    op: 'certify',
    title,
    request: {},
    names: {
      commit,
      buildId: release.buildId,
      tag: release.tag,
      remote: remote ?? '',
      nonce: decided.nonce,
    },
    basis: { there: basis.there },
    holds: certifyHolds(facts, commit, deploy !== undefined),
    asks: [{ id: 'review', kind: 'review', text: `${title}?`, flag: '--yes' }],
    certifiedBy: 'certify',
    audit: { required: true, event: 'certify', subject: commit.slice(0, 7) },
    locks: true,
    steps: [
      ...lockSteps(remote, decided, 'certify', title),
      basisStep({ remote, here: {}, there: basis.there, gate: { commit, rules: gateRules(project), after: true } }),
      verifyStep(project, release.buildId),
      ...certifySteps(project, facts, decided, release),
    ],
    always: [
      failedLogStep(deployLog(project, facts, decided, release, 'failed', `${commit.slice(0, 7)}-failed`)),
      ...unlockSteps(remote, decided),
    ],
  })
}

function certifyHolds(facts: Facts, commit: string, deployed: boolean): Hold[] {
  const holds: Hold[] = []
  const git = facts.git.ok ? facts.git.value : null
  if (!deployed || git?.current === commit)
    holds.push({ id: 'nothing', why: 'no release waits to be certified', fix: 'deploy first: knowngood deploy' })
  const gate = facts.gate.ok && facts.gate.value.commit === commit ? facts.gate.value : null
  if (gate === null)
    holds.push({ id: 'gate', why: 'the gate of this commit is not known', fix: 'look at it: knowngood gate', key: 'g' })
  if (gate !== null) holds.push(...uncertified(gate).map(itemHold))
  const holder = valueOr(facts.lock.local, null) ?? valueOr(facts.lock.shared, null)
  return [...holds, ...(holder === null ? [] : [lockHold(holder)]), ...unreadLock(facts)]
}

function itemHold({ id, title, state, kind }: GateItem): Hold {
  const fix = kind === 'check' ? 'run it again: knowngood gate' : `knowngood gate confirm ${id}`
  return {
    id: `confirm-${id}`,
    why: `${clean(title)} ${state === 'fail' ? 'failed' : 'is not confirmed'}`,
    fix,
    key: 'g',
  }
}

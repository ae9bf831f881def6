import { commitLive } from '../core/commit-live.ts'
import type { Facts } from '../core/facts.ts'
import { nothingLive } from '../core/holds.ts'
import type { Hold, Plan } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import type { Decided } from './decided.ts'
import { remoteOf } from './parts.ts'
import { call, lookAt, step } from '../core/step.ts'
import { planned } from './planned.ts'

/** An annotated tag `sacred/<name>` on the live commit, pushed. It never moves. */
export function planSacred(project: Project, facts: Facts, request: { name: string }, decided: Decided): Plan {
  const tag = `sacred/${request.name}`
  const commit = commitLive(facts)?.commit ?? null
  const remote = remoteOf(facts)
  const holds: Hold[] = []
  if (!/^[A-Za-z0-9][\w.-]*$/.test(request.name) || request.name.includes('..') || /\.(lock)?$/.test(request.name))
    holds.push({
      id: 'name',
      why: `${JSON.stringify(request.name)} is not a name for a tag`,
      fix: 'use letters, digits, dots, dashes and underscores',
    })
  if (commit === null) holds.push(nothingLive(facts))
  if (facts.git.ok && facts.git.value.tags.some((one) => one.name === tag))
    holds.push({ id: 'taken', why: `${tag} exists, and a sacred point never moves`, fix: 'choose another name' })
  const by = { ...decided.by, at: decided.now }
  const input = {
    remote,
    name: tag,
    commit: commit ?? '',
    message: `${tag}\n\nSacred by ${decided.operator}, ${project.project} / ${project.environment}.\n`,
    by,
  }
  const byHand = [
    ['git', 'tag', '-a', tag, commit ?? ''],
    ...(remote === null ? [] : [['git', 'push', remote, `refs/tags/${tag}`]]),
  ]
  return planned(decided, {
    op: 'sacred',
    title: `Make ${commit?.slice(0, 7) ?? 'nothing'} sacred as ${request.name}`,
    request,
    names: { tag, commit: commit ?? '' },
    holds,
    warnings: remote === null ? ['There is no git remote: the tag stays in this clone.'] : [],
    audit: { required: true, event: 'sacred', subject: tag, detail: { tag, commit: commit ?? '' } },
    locks: true,
    steps: [
      step('tag', 'Tag', [call('sacred.tag', input, `tag the live commit ${tag}`, byHand)], {
        detail: tag,
        effect: 'outward',
        gives: ['oid'],
        probe: call('sacred.probe', input, 'whether the tag is there', lookAt(remote, `refs/tags/${tag}`)),
      }),
    ],
  })
}

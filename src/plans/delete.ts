import { age, size } from '../core/age.ts'
import { pathsOf } from '../core/backup-paths.ts'
import type { Facts } from '../core/facts.ts'
import { valueOr } from '../core/known.ts'
import type { Hold, Plan } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { call, step } from '../core/step.ts'
import { clean } from '../core/text.ts'
import type { Decided } from './decided.ts'
import { staysBecause } from './kept.ts'
import { askedFor, remoteOf } from './parts.ts'
import { planned } from './planned.ts'

/** Removes one backup. What retention would keep takes a reason and the typed name; a baseline is never removed. */
export function planDelete(
  project: Project,
  facts: Facts,
  request: { id: string; reason?: string | null },
  decided: Decided,
): Plan {
  const { id, reason = null } = request
  const backup = valueOr(facts.backups, []).find((one) => one.id === id)
  const at = new Date(decided.now)
  const stays = backup === undefined ? null : staysBecause(project, facts, backup, at)
  const title = `Delete ${clean(id)}`
  const asks = askedFor(project, `${title}?`).filter(({ kind }) => kind === 'review' || stays !== null)
  const { path = '', digest = '', origin = 'knowngood', commit = null } = backup ?? {}
  const byHand = [['rm', '-rf', '--', ...(backup === undefined ? [] : pathsOf(backup))]]
  const input = { id, path, digest, backups: project.backups, remote: remoteOf(facts), others: origin === 'found' }
  return planned(decided, {
    op: 'delete',
    title,
    request: { id, reason },
    names: { id },
    holds: deleteHolds(facts, id),
    warnings: stays === null ? [] : [`It would stay: ${stays}.`],
    asks,
    loses:
      backup === undefined
        ? []
        : [
            `${id}, made ${age(backup.at, at)}, ${size(backup.bytes)}${commit === null ? '' : `, a way back to ${commit.slice(0, 7)}`}.`,
          ],
    audit: { required: true, event: 'backup.delete', subject: id, detail: { path, digest } },
    locks: true,
    steps: [
      step('delete', 'Delete', [call('backup.delete', input, `remove ${path} and what belongs to it`, byHand)], {
        detail: path,
        effect: 'destroys',
        gives: ['removed'],
        probe: call('backup.deleted', input, 'whether it is gone', [['ls', '-ld', path]]),
        // What is removed cannot be put back, and half of it is no backup: the next attempt goes on.
        onFail: 'halt',
      }),
    ],
  })
}

function deleteHolds(facts: Facts, id: string): Hold[] {
  const backup = valueOr(facts.backups, []).find((one) => one.id === id)
  if (!facts.backups.ok)
    return [
      { id: 'backups', why: `the backups could not be read: ${clean(facts.backups.because)}`, fix: facts.backups.fix },
    ]
  if (backup === undefined)
    return [{ id: 'unknown', why: `there is no backup ${clean(id)}`, fix: 'see what there is: knowngood backups' }]
  if (backup.kind !== 'baseline') return []
  return [
    {
      id: 'baseline',
      why: `${clean(id)} is a baseline, and a baseline is never removed`,
      fix: 'make a new one beside it: knowngood baseline create NAME',
    },
  ]
}

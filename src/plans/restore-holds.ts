import type { Facts } from '../core/facts.ts'
import { halfDone, lockHold, unreadLock } from '../core/holds.ts'
import { valueOr } from '../core/known.ts'
import type { Hold } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { clean } from '../core/text.ts'
import type { RestoreRequest, Wanted } from './restore-request.ts'
import { schemaOf } from './restore-schema.ts'

const LIST = 'see what there is: knowngood restore'

/** What keeps a backup from being opened for a restore at all, wherever it goes. */
export function backupHolds(facts: Facts, id: string, { backup }: Pick<Wanted, 'backup'>): Hold[] {
  if (!facts.backups.ok)
    return [
      { id: 'backups', why: `the backups could not be read: ${clean(facts.backups.because)}`, fix: facts.backups.fix },
    ]
  if (backup === undefined) return [{ id: 'unknown', why: `there is no backup ${clean(id)}`, fix: LIST }]
  if (backup.state === 'ok') return []
  const why = `${clean(id)} is ${backup.state}: ${clean(backup.because ?? 'it does not hold')}`
  return [{ id: backup.state, why, fix: `look again: knowngood verify ${clean(id)}` }]
}

/** What keeps a restore in place from starting. */
export function restoreHolds(project: Project, facts: Facts, request: RestoreRequest, wanted: Wanted): Hold[] {
  const { backup } = wanted
  const holds = [...backupHolds(facts, request.id, wanted), ...busyHolds(facts), ...unreadLock(facts)]
  if (backup === undefined) return holds
  holds.push(...choiceHolds(request, wanted))
  if (!request.acceptSchema)
    for (const { name, verdict, from, to } of schemaOf(facts, backup, wanted.chosen))
      if (verdict !== 'same') {
        const why = `${name} is at ${from ?? 'an unknown revision'}, the backup is of ${to ?? 'one that is not recorded'}`
        holds.push({ id: 'schema', why, fix: 'if the code that is live works with it: --accept-schema, with a reason' })
      }
  for (const { name } of wanted.chosen) {
    const forbids = facts.sources.find((source) => source.name === name)?.detail['swap']
    if (typeof forbids === 'string')
      holds.push({
        id: 'swap',
        why: `${name} cannot be exchanged: ${clean(forbids)}`,
        fix: `restore it beside: --only ${name} --to '$NAME'`,
      })
  }
  if (request.flushRedis && !Object.values(project.sources).some(({ use }) => use === 'redis'))
    holds.push({ id: 'no-redis', why: 'no redis is configured to be flushed', fix: 'leave --flush-redis out' })
  return holds
}

/** Somebody is at work, or a run stopped half way. */
export function busyHolds(facts: Facts): Hold[] {
  const half = halfDone(facts)
  const holder = valueOr(facts.lock.local, null) ?? valueOr(facts.lock.shared, null)
  const unfinished = {
    id: 'unfinished',
    why: `the ${half?.op ?? ''} ${half?.id ?? ''} stopped half way`,
    fix: `settle it first: knowngood resume ${half?.id ?? ''}`,
    key: 'enter',
  }
  return [
    ...(half === undefined ? [] : [unfinished]),
    ...(holder !== null && holder.run !== half?.id ? [lockHold(holder)] : []),
  ]
}

function choiceHolds({ id, only }: RestoreRequest, { all, chosen, strays }: Wanted): Hold[] {
  const held = all.map(({ name }) => name).join(', ') || 'nothing a restore puts back in place'
  const holds: Hold[] = only
    .filter((name) => !all.some((fit) => fit.name === name))
    .map((name) => {
      const stray = strays.find((one) => one.source === name)
      return {
        id: 'not-in-it',
        why: stray?.why ?? `${clean(id)} has no ${clean(name)} to put back`,
        fix: `it holds ${held}`,
      }
    })
  const lost = only.length === 0 ? strays : []
  for (const { source, why } of lost)
    holds.push({
      id: 'not-configured',
      why: `${clean(source)} cannot be put back: ${clean(why)}`,
      fix: all.length === 0 ? LIST : `correct the configuration, or choose with --only: ${held}`,
    })
  if (chosen.length === 0 && holds.length === 0)
    holds.push({
      id: 'nothing',
      why: `${clean(id)} holds ${held}`,
      fix: `its files beside: knowngood restore ${clean(id)} --to DIR; code returns by knowngood rollback`,
    })
  return holds
}

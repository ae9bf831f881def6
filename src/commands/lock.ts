import { age } from '../core/age.ts'
import { EXIT } from '../core/failure.ts'
import type { LockHolder } from '../core/facts.ts'
import type { Known } from '../core/known.ts'
import { table } from '../report/table.ts'
import type { RunCommand } from './command.ts'

/** `knowngood lock`: who holds the lock of this machine, and the one shared through the remote. */
export const run: RunCommand = async (context) => {
  const { lock } = await context.facts({ only: ['lock'], remote: true })
  const row = (where: string, fact: Known<LockHolder | null>) => {
    if (!fact.ok) return [where, 'unknown', fact.because, fact.fix]
    const holder = fact.value
    if (holder === null) return [where, 'free']
    return [
      where,
      `${holder.op} by ${holder.operator}@${holder.host}`,
      holder.run,
      `last heard ${age(holder.heartbeat, context.now())}`,
      holder.reason,
    ]
  }
  return { exit: EXIT.done, data: { lock: lock }, lines: table([row('local', lock.local), row('shared', lock.shared)]) }
}

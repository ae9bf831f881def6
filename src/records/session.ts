import { randomBytes } from 'node:crypto'
import type { Session } from '../core/facts.ts'
import { statePaths } from '../core/paths.ts'
import { now } from '../world/clock.ts'
import { readJson, writeWhole } from '../world/files.ts'
import { withShortLock } from '../world/short-lock.ts'

/** A sitting lasts 12 hours at most, in ms. */
export const SESSION_MS = 12 * 3_600_000

/** The open session of this clone, or null: none, too old, or dated in the future. */
export async function currentSession(root: string, at: Date = now()): Promise<Session | null> {
  const session = asSession(await readJson(statePaths(root).session).catch(() => null))
  if (session === null) return null
  const age = at.getTime() - Date.parse(session.startedAt)
  // A minute of slack: clocks of two processes are never quite the same.
  return age > -60_000 && age <= SESSION_MS ? session : null
}

/** Joins the operator's open session, or opens one. Another operator's is closed by it. */
export async function openSession(root: string, who: { operator: string; host: string }): Promise<Session> {
  const joined = async (): Promise<Session | null> => {
    const open = await currentSession(root)
    return open && open.operator === who.operator && open.host === who.host ? open : null
  }
  // Most starts join: they wait for no lock.
  return (await joined()) ?? changing(root, async () => (await joined()) ?? save(root, fresh(who)))
}

/** Notes a backup made in the open session; with nobody sitting here, one is opened for its maker. */
export async function addBackup(root: string, id: string, who: { operator: string; host: string }): Promise<Session> {
  return changing(root, async () => {
    const open = (await currentSession(root)) ?? fresh(who)
    return save(root, { ...open, backups: [...open.backups.filter((other) => other !== id), id] })
  })
}

function fresh(who: { operator: string; host: string }): Session {
  const at = now()
  const id = `session-${at.getTime()}-${randomBytes(2).toString('hex')}`
  return { id, startedAt: at.toISOString(), operator: who.operator, host: who.host, backups: [] }
}

async function save(root: string, session: Session): Promise<Session> {
  await writeWhole(statePaths(root).session, `${JSON.stringify(session, null, 2)}\n`)
  return session
}

function changing(root: string, work: () => Promise<Session>): Promise<Session> {
  return withShortLock(statePaths(root).shortLock('session'), work)
}

function asSession(value: unknown): Session | null {
  if (value === null || typeof value !== 'object') return null
  const { id, startedAt, operator, host, backups } = value as Partial<Session>
  if (typeof id !== 'string' || typeof startedAt !== 'string' || Number.isNaN(Date.parse(startedAt))) return null
  const ids = Array.isArray(backups) ? backups.filter((backup) => typeof backup === 'string') : []
  return { id, startedAt, operator: operator ?? '', host: host ?? '', backups: ids }
}

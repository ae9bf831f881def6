import { minute } from '../core/age.ts'
import { resolve } from 'node:path'
import { messageOf, StepFailed } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'
import type { Call, CallRegistry, Io } from '../core/plan.ts'
import { appendAudit, readAudit } from '../records/audit-log.ts'
import { noteRehearsal } from '../records/rehearsals.ts'
import { sources } from '../sources/registry.ts'
import { now } from '../world/clock.ts'
import { codeOf } from '../world/files.ts'
import { hasCommit } from '../world/git-history.ts'
import { openGit } from '../world/git.ts'
import { acquireSharedLock, readSharedLock, takeOverSharedLock } from '../world/git-lock.ts'
import { ownMark } from '../world/identity.ts'
import { beat } from './heartbeat.ts'
import type { LockInput } from './lock.ts'

type Seize = LockInput & { op: string; operator: string; host: string; reason: string }
type Witness = { baseline: string; digest: string }
/** `clear` removes what a capture that failed has left in the stage. */
type Try = { source: string; action: Call; clear: Call[] }
type Rehearsed = { baseline: string; digest: string; startedAt: string }

/** Trouble of ours, not of what is read: a snapshot that meets it is none. */
const NO_ROOM = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EFBIG', 'EIO', 'EMFILE'])

const captures: CallRegistry = Object.assign({}, ...Object.values(sources).map((source) => source.calls))

/** What only an emergency does. */
export const emergencyCalls = {
  /** The shared lock, taken from whoever holds it; who that was is recorded. */
  'lock.seize': async ({ remote, nonce, op, operator, host, reason }: Seize, io: Io) => {
    const git = openGit(io.root)
    const at = now().toISOString()
    const holder = { op, run: io.run, operator, host, ...ownMark(), reason, at, heartbeat: at, oid: null }
    let attempt = await acquireSharedLock(git, remote, holder, nonce, { signal: io.signal })
    for (let again = 0; !attempt.won && again < 5; again += 1) {
      const { holder: other, oid } = attempt.held
      const whose = `${other.operator}@${other.host}, run ${other.run}, since ${minute(other.at)}`
      io.line(`taking the lock of ${whose}: ${other.reason}`)
      const line = { actor: operator, host, run: io.run, event: 'lock', outcome: 'taken over', subject: whose }
      await appendAudit(io.root, { ...line, detail: { reason } }).catch((error: unknown) => io.line(messageOf(error)))
      attempt = await takeOverSharedLock(git, remote, oid, holder, nonce, { signal: io.signal })
    }
    if (!attempt.won) throw new StepFailed('lock', 'somebody takes the shared lock back each time it is taken')
    beat(io, { remote, nonce })
    const held = await readSharedLock(git, remote, { signal: io.signal })
    return { oid: held?.oid ?? attempt.oid }
  },

  /** Whether the baseline is the one that was written down when it was made. A log that cannot be read holds nobody up. */
  'baseline.witness': async ({ baseline, digest }: Witness, io: Io) => {
    const rows = await readAudit(io.root).catch((error: unknown) => {
      io.line(`the audit log cannot be read: ${messageOf(error)}`)
      return []
    })
    // The subject is the name that was asked for; a name that was taken got a number behind it.
    const made = rows.findLast(
      ({ entry }) =>
        entry?.event === 'baseline.create' &&
        entry.outcome === 'done' &&
        (entry.detail?.['id'] ?? entry.subject) === baseline,
    )
    const recorded = made?.entry?.detail?.['sha256']
    if (typeof recorded !== 'string') {
      io.line(`nothing in the audit log tells of ${baseline}; its own checksums are all there is`)
      return { recorded: null }
    }
    if (recorded === digest) return { recorded }
    throw new StepFailed(
      'baseline',
      `${baseline} is not what was frozen: it is ${digest}, the audit log has ${recorded}`,
    )
  },

  /** The commit's objects, unpacked from the bundle where this clone lacks them; no ref of the clone is touched. */
  'emergency.code': async ({ commit, bundle }: { commit: string; bundle: string | null }, io: Io) => {
    const git = openGit(io.root)
    if (await hasCommit(git, commit)) return { from: 'clone' }
    if (bundle === null)
      throw new StepFailed('code', `${commit} is not in this clone, and the baseline holds no bundle`)
    io.line(`${commit} is not in this clone; it is taken out of ${bundle}`)
    await git.raw(['bundle', 'unbundle', resolve(io.root, bundle)], { signal: io.signal })
    if (!(await hasCommit(git, commit))) throw new StepFailed('code', `${commit} is not in ${bundle} either`)
    return { from: 'bundle' }
  },

  /**
   * A capture that may fail because its source is broken: the swap keeps that one aside, intact, and that is its snapshot.
   * What keeps us from writing is no such reason.
   */
  'emergency.capture': async ({ source, action, clear }: Try, io: Io) => {
    const make = captures[action.name]
    if (make === undefined) throw new StepFailed('snapshot', `no call is named ${action.name}`)
    try {
      return await make(action.input as never, io)
    } catch (error) {
      if (io.signal.aborted || isOurs(error)) throw error
      const why = `${source} cannot be captured (${messageOf(error)}); it is moved aside as it is`
      io.line(why)
      for (const one of clear) await captures[one.name]?.(one.input as never, io)
      return { parts: [], leftOut: [why], doubts: [] }
    }
  },

  'emergency.rehearsed': async ({ baseline, digest, startedAt }: Rehearsed, io: Io): Promise<JsonRecord> => {
    const ms = Math.max(0, now().getTime() - Date.parse(startedAt))
    await noteRehearsal(io.root, { baseline, digest, ms })
    return { ms }
  },
} satisfies CallRegistry

function isOurs(error: unknown): boolean {
  if (NO_ROOM.has(codeOf(error) ?? '')) return true
  const cause = error instanceof Error ? error.cause : undefined
  return (
    (cause instanceof Error && isOurs(cause)) ||
    /No space left on device|Disk quota exceeded|Read-only file system/.test(messageOf(error))
  )
}

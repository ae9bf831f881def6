import { StepFailed, UserError, messageOf } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'
import type { Proof } from '../core/backup.ts'
import type { Call, CallRegistry, Io } from '../core/plan.ts'
import { WHOLE } from '../core/proof.ts'
import { markInUse, releaseInUse } from '../records/in-use.ts'
import { appendProof, proofsOf } from '../records/proofs.ts'
import { ownCalls, sources } from '../sources/registry.ts'
import { now } from '../world/clock.ts'
import { archiveCalls } from './verify-archive.ts'
import { readAgain } from './verify-hash.ts'
import type { Verified } from './verify-parts.ts'

type Hash = { backup: Verified; remote: string | null; hard: boolean }
/**
 * `of` is what the proof is about; `action` opens it. Tried only when `ok`, of the step before, is true: what was refused
 * there, or not tried for what was refused before it, must not be proven by a step further on.
 */
type Try = {
  of: { backup: string; digest: string; parts: string[]; rung: Proof['rung'] }
  action: Call | null
  ok: boolean | null
  hard: boolean
}
type Verdict = { backup: string; title: string; steps: { ok: boolean | null; because: string | null }[] }[]

/** Everything that opens a part: what the sources bring, and the test of a whole archive. */
const openers: CallRegistry = Object.assign({}, archiveCalls, ...Object.values(sources).map((source) => source.calls))

/** The rungs of the ladder: each look leaves a dated line in the proofs, whichever way it went. */
export const verifyCalls = {
  ...archiveCalls,

  'verify.hold': async ({ backup }: { backup: string }, io: Io) => {
    await markInUse(io.root, backup, io.run)
    return {}
  },

  'verify.release': async ({ backup }: { backup: string }, io: Io) => {
    await releaseInUse(io.root, backup, io.run)
    return {}
  },

  'verify.hash': async ({ backup, remote, hard }: Hash, io: Io) => {
    const began = performance.now()
    const proofs = await proofsOf(io.root, backup.id)
    const looked = await readAgain(backup, { remote, commit: !hard }, io).catch((error: unknown) => {
      if (hard || io.signal.aborted || !isFailure(error)) throw error
      return messageOf(error)
    })
    // A remote that does not answer, a disk that cannot be read now: no verdict, and the others are still looked at.
    if (typeof looked === 'string')
      return { ok: false, because: looked, digest: backup.digest, bytes: 0, ...unread(backup) }
    const { digest, bytes, flaws, sums } = looked
    const earlier = changedSince(proofs, digest)
    if (earlier !== null && flaws.length === 0) flaws.push({ part: WHOLE, why: earlier })
    const proof = { backup: backup.id, digest, rung: 'hashed' as const, ms: Math.round(performance.now() - began) }
    const at = now().toISOString()
    if (flaws.length === 0) await appendProof(io.root, { ...proof, part: WHOLE, at, passed: true, counts: { bytes } })
    for (const { part, why } of flaws) {
      io.line(why)
      // The size says of a file without a record which look was the newest.
      await appendProof(io.root, { ...proof, part, at, passed: false, counts: { bytes }, because: why })
    }
    const because = flaws.map(({ why }) => why).join('; ')
    if (hard && flaws.length > 0) throw new StepFailed('verify', because)
    return {
      ok: flaws.length === 0,
      because: flaws.length === 0 ? null : because,
      digest,
      bytes,
      ...unread(backup, sums),
    }
  },

  'verify.try': async ({ of, action, ok, hard }: Try, io: Io) => {
    if (ok !== true) return { ok: null, because: null }
    const began = performance.now()
    const proof = { backup: of.backup, digest: of.digest, rung: of.rung }
    const note = async (more: { passed: boolean; because?: string; counts?: Record<string, number> }) => {
      const ms = Math.round(performance.now() - began)
      const at = now().toISOString()
      for (const part of of.parts) await appendProof(io.root, { ...proof, part, at, ms, ...more })
    }
    try {
      const gave = action === null ? {} : await opened(action, io)
      const counts = countsIn(gave)
      await note({ passed: true, ...(counts === null ? {} : { counts }) })
      return { ...gave, ok: true, because: null }
    } catch (error) {
      if (io.signal.aborted || !isFailure(error)) throw error
      const because = `${of.parts.join(', ')}: ${messageOf(error)}`
      io.line(because)
      if (of.rung === 'readable' && blames(error)) await note({ passed: false, because })
      if (hard) throw error
      return { ok: false, because }
    }
  },

  /** What stands there, and whether its proof was told: without that it counts as half done. */
  'verify.seen': async ({ probe, ok }: { probe: Call; ok: boolean | null }, io: Io) => {
    const seen = await opened(probe, io)
    if (seen['state'] !== 'done') return seen
    if (ok === null) return { state: 'partial', saw: seen['saw'] ?? null }
    const gives = seen['gives']
    const more = gives !== null && typeof gives === 'object' && !Array.isArray(gives) ? gives : {}
    return { ...seen, gives: { ...more, ok, because: null } }
  },

  /** Says of everything that was looked at whether it holds; throws, naming what does not. */
  'verify.verdict': async ({ backups }: { backups: Verdict }) => {
    const broken = backups.flatMap(({ backup, steps }) => {
      const why = steps.flatMap(({ ok, because }) => (ok === false ? [because ?? 'it does not hold'] : []))
      return why.length === 0 ? [] : [`${backup}: ${why.join('; ')}`]
    })
    if (broken.length === 0) return { verified: backups.map(({ backup }) => backup) }
    const head = backups.length === 1 ? '' : `${broken.length} of ${backups.length} backups do not hold. `
    throw new StepFailed('verify', `${head}${broken.join('. ')}`)
  },
} satisfies CallRegistry

async function opened(action: Call, io: Io): Promise<JsonRecord> {
  const open = openers[action.name] ?? ownCalls[action.name]
  if (open === undefined) throw new Error(`no call is named ${action.name}`)
  return await open(action.input as never, io)
}

/** What has no hash on record is held to the one that was read here, for the rest of the run. */
function unread({ parts }: Verified, sums: ReadonlyMap<string, string> = new Map()): Record<string, string> {
  const read = parts.flatMap(({ path, sha256 }, at) =>
    sha256 === '' ? [[`sum-${at}`, sums.get(path) ?? ''] as const] : [],
  )
  return Object.fromEntries(read)
}

/** What keeps anything from being opened just now, and says nothing about the backup. */
const ELSEWHERE =
  /ENOSPC|EDQUOT|EMFILE|ENOMEM|EACCES|No space left|is it installed|may not be executed|said nothing for|took longer than|was ended by|could not be run|connect|ECONN|bytes, more than the/i

/** Whether an error is the backup's own. That it opened and could not be put somewhere is that place's. */
function blames(error: unknown): boolean {
  return error instanceof StepFailed && !ELSEWHERE.test(error.message)
}

/** Our own mistakes are not held against a backup: only what an engine, the disk, or whoever must lift a hold first says is. */
function isFailure(error: unknown): boolean {
  return error instanceof StepFailed || error instanceof UserError || (error instanceof Error && 'code' in error)
}

function countsIn(gave: JsonRecord): Record<string, number> | null {
  const { counts } = gave
  if (counts === undefined || counts === null || typeof counts !== 'object' || Array.isArray(counts)) return null
  const numbers = Object.entries(counts).filter((entry): entry is [string, number] => typeof entry[1] === 'number')
  return numbers.length === 0 ? null : Object.fromEntries(numbers)
}

/** A record never changes, and neither does an archive: bytes that are whole but others than were proven were put there. */
function changedSince(proofs: readonly Proof[], digest: string): string | null {
  const passed = proofs.filter((proof) => proof.passed)
  const last = passed.at(-1)
  if (last === undefined || passed.some((proof) => proof.digest === digest)) return null
  return `it is not what was proven at ${last.at}: its SHA-256 was ${last.digest}`
}

import { createHash } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { StepFailed, messageOf } from '../../core/failure.ts'
import type { Io } from '../../core/plan.ts'

/** Pages a step of a copy takes: few enough to be stopped soon, enough not to be slow. */
const RATE = 2000
const BUSY_MS = 5000
/** How long a busy writer is waited for. */
const READ_WAIT_MS = 60_000
/** SQLITE_BUSY, SQLITE_LOCKED and SQLITE_READONLY. */
const LOCKED = [5, 6]
const READONLY = 8
/** A copy of ours, made beside, is nobody's but for a moment. */
const WAIT_MS = 10_000
/** Files SQLite keeps beside a database. */
const SIDES = ['-wal', '-shm', '-journal']

/** The database and the files beside it that belong to it. */
export function withSides(file: string): string[] {
  return [file, ...SIDES.map((side) => `${file}${side}`)]
}

/** Removes a database of ours and what stands beside it. */
export async function removeDatabase(file: string): Promise<void> {
  for (const path of withSides(file)) await rm(path, { force: true })
}

/** An SQLite error code that says the bytes are wrong: SQLITE_CORRUPT and SQLITE_NOTADB, extended ones included. */
export function saysBroken(error: unknown): boolean {
  const code = codeIn(error)
  return code !== null && [11, 26].includes(code & 0xff)
}

/** Makes an empty private file for a copy; a link planted under its name is an error. What an earlier attempt left is removed. */
export async function emptyFile(file: string): Promise<void> {
  await removeDatabase(file)
  await (await open(file, 'wx', 0o600)).close()
}

/**
 * Copies a database by the online backup API, out of a live file or into one. One read transaction spans the copy, so
 * it is one moment of the source however busy its writers are; the target changes in one transaction. Throws StepFailed
 * when the target stays locked for `waitMs`, and SQLite's own error when the source cannot be read.
 */
export async function copyDatabase(from: string, to: string, io: Io, waitMs = WAIT_MS): Promise<void> {
  const source = await oneMoment(from, io)
  try {
    const until = performance.now() + waitMs
    while (!(await attempt(source, to, io, waitMs, until))) await sleep(100, undefined, { signal: io.signal })
  } finally {
    source.close()
  }
}

/**
 * A database with a read transaction begun; a writer who hardly pauses is waited for. Throws StepFailed when it stays locked,
 * and SQLite's own error when it cannot be read.
 */
async function oneMoment(file: string, io: Io): Promise<DatabaseSync> {
  const until = performance.now() + READ_WAIT_MS
  for (let readOnly = true; ;) {
    try {
      return await begun(file, readOnly)
    } catch (error) {
      const code = (codeIn(error) ?? -1) & 0xff
      // What a killed writer left half done is put back first, as by anybody who opens it; that alone needs to write.
      if (code === READONLY && readOnly) readOnly = false
      else if (!LOCKED.includes(code)) throw error
      else if (performance.now() > until) throw locked(file)
      else await sleep(20, undefined, { signal: io.signal })
    }
  }
}

async function begun(file: string, readOnly: boolean): Promise<DatabaseSync> {
  const { DatabaseSync } = await import('node:sqlite')
  // Nothing else runs while SQLite itself waits.
  const database = new DatabaseSync(file, { readOnly, timeout: 50 })
  try {
    database.exec('BEGIN')
    database.prepare('SELECT count(*) FROM sqlite_schema').get()
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** False when the target is locked and there is time left. */
async function attempt(source: DatabaseSync, to: string, io: Io, waitMs: number, until: number): Promise<boolean> {
  const { backup } = await import('node:sqlite')
  if (backup === undefined) throw new StepFailed('sqlite', 'copying a database needs Node 22.16 or newer')
  const pageSize = Number(source.prepare('PRAGMA page_size').get()?.['page_size'] ?? 0)
  let left = Number.POSITIVE_INFINITY
  let lastMoved = performance.now()
  const progress = ({ totalPages, remainingPages }: { totalPages: number; remainingPages: number }) => {
    io.signal.throwIfAborted()
    if (remainingPages < left) lastMoved = performance.now()
    else if (performance.now() > Math.max(until, lastMoved + waitMs)) throw locked(to)
    left = remainingPages
    io.bytes((totalPages - remainingPages) * pageSize, totalPages * pageSize)
  }
  try {
    await backup(source, to, { rate: RATE, progress })
    return true
  } catch (error) {
    // A locked target comes as an error without a code.
    if (![0, ...LOCKED].includes((codeIn(error) ?? -1) & 0xff)) throw error
    if (performance.now() > until) throw locked(to)
    return false
  }
}

function locked(file: string): StepFailed {
  return new StepFailed('sqlite', `${file} is in use: somebody keeps it locked. Stop what writes to it, and try again`)
}

function codeIn(error: unknown): number | null {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : null
}

/** Leaves a copy as one plain file: a write-ahead log's mode is part of the bytes that were copied. */
export async function beSingleFile(file: string): Promise<void> {
  const { DatabaseSync } = await import('node:sqlite')
  const database = new DatabaseSync(file, { timeout: BUSY_MS })
  try {
    database.exec('PRAGMA journal_mode = DELETE')
  } catch (error) {
    throw new StepFailed('sqlite', `${file} cannot be made one file: ${messageOf(error)}`)
  } finally {
    database.close()
  }
}

/** Where the header holds what a copy has of its own: journal mode, change counters, schema cookie, the library's version. */
const OWN: [number, number][] = [
  [18, 20],
  [24, 28],
  [40, 44],
  [92, 100],
]
const LOCK_BYTE = 0x40000000

/** A hash of what a single-file database holds, page by page: the same for a copy by the backup API in whatever journal mode. */
export async function contentDigest(file: string, io: Io): Promise<string> {
  const handle = await open(file, 'r')
  try {
    const hash = createHash('sha256')
    const buffer = Buffer.allocUnsafe(1 << 20)
    for (let at = 0; ; at += buffer.length) {
      io.signal.throwIfAborted()
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at)
      if (bytesRead === 0) return hash.digest('hex')
      if (at === 0) for (const [from, to] of OWN) buffer.fill(0, from, to)
      // The page of the lock byte is never used, and never copied; pages are at most 64 kB.
      if (at === LOCK_BYTE) buffer.fill(0, 0, 0x10000)
      hash.update(buffer.subarray(0, bytesRead))
    }
  } finally {
    await handle.close()
  }
}

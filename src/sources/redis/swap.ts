import { rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { StepFailed } from '../../core/failure.ts'
import type { Json, JsonRecord } from '../../core/json.ts'
import { statePaths } from '../../core/paths.ts'
import type { CallRegistry, Io } from '../../core/plan.ts'
import { sha256File } from '../../archive/checksum.ts'
import { makeFolder, syncFolder, temporaryBeside } from '../../world/files.ts'
import { openRedis, type Redis } from '../../world/redis.ts'
import type { Reply } from '../../world/redis-replies.ts'
import { keysOf, mustBeOurs, placeOf, saveRdb, type Scope, withRedis } from './client.ts'
import { withScratch } from './scratch.ts'

/** What a swap took out: the whole server as it was, of which only the scope goes back. */
export type Kept = { file: string; sha256: string }
/** `rdb`: what is to be live. */
export type Swap = { name: string; scope: Scope; run: string; rdb: string }
type Swapped = Swap & { was: Kept | null; given: Json }

const BATCH = 200
/** The mark of a finished swap stays this long at most, seconds. */
const MARK_S = 7 * 86_400
const OURS = 'knowngood:'

/**
 * Keys are first put beside the live ones, under names that hold the run; one transaction then removes the old ones, gives the
 * new ones their names and sets a mark. Redis does all of it or nothing.
 */
export const swapCalls = {
  'redis.keep': async ({ name, scope, run }: Swap, io: Io): Promise<Kept> => {
    mustBeOurs(scope)
    const folder = statePaths(io.root).undo(run)
    await makeFolder(folder)
    const file = join(folder, `${name}.rdb`)
    const temporary = temporaryBeside(file)
    try {
      await saveRdb(scope, temporary, io)
      // Over what an attempt of this run may have left that was killed before it was journalled.
      await rename(temporary, file)
      await syncFolder(folder)
    } finally {
      await rm(temporary, { force: true })
    }
    return { file, sha256: await sha256File(file, undefined, io.signal) }
  },

  'redis.swap': async ({ scope, run, rdb, was }: Swapped, io: Io) => {
    mustBeOurs(scope)
    await swapIn(scope, run, resolve(io.root, rdb), io)
    return { kept: was }
  },

  'redis.swapped': async ({ scope, run, was, given }: Swapped, io: Io): Promise<JsonRecord> =>
    withRedis(scope, io, async (redis) => {
      const marked = (await redis.send('EXISTS', markOf(run))) === 1
      const staged = await anyKey(redis, stagedOf(run))
      const done = marked || (given !== null && !staged)
      const state = done ? 'done' : staged ? 'partial' : 'absent'
      return { state, saw: { marked, staged }, ...(done ? { gives: { kept: was } } : {}) }
    }),

  'redis.unswap': async ({ name, scope, run, was, given }: Swapped, io: Io) => {
    const marked = await withRedis(scope, io, async (redis) => {
      await removeKeys(redis, stagedOf(run))
      return (await redis.send('EXISTS', markOf(run))) === 1
    })
    if (!marked && given === null) return {}
    if (was === null) throw new StepFailed(name, 'nothing was kept to put back')
    if ((await sha256File(was.file, undefined, io.signal)) !== was.sha256)
      throw new StepFailed(name, `${was.file} is not what was kept`)
    await swapIn(scope, run, was.file, io)
    await forgetSwap(scope, run, io)
    return {}
  },
} satisfies CallRegistry

/** Takes the mark of a swap away, once the journal knows that it has ended. */
export async function forgetSwap(scope: Scope, run: string, io: Io): Promise<void> {
  await withRedis(scope, io, async (redis) => redis.send('UNLINK', markOf(run)))
}

function stagedOf(run: string): string {
  return `${OURS}${run}:`
}

function markOf(run: string): string {
  return `${OURS}swapped:${run}`
}

async function swapIn(scope: Scope, run: string, rdb: string, io: Io): Promise<void> {
  const { database } = placeOf(scope, io)
  await withRedis(scope, io, async (redis) => {
    await removeKeys(redis, stagedOf(run))
    const fresh = await withScratch(rdb, io, async (place) => {
      const from = await openRedis({ ...place, database }, io.signal)
      try {
        return await stage(from, redis, scope.prefix, run, io)
      } finally {
        from.close()
      }
    })
    const old: Buffer[] = []
    for await (const keys of keysOf(redis, scope.prefix)) old.push(...keys.filter(isTheirs))
    const reply = await redis.all([
      ['MULTI'],
      ...batches(old).map((keys) => ['UNLINK', ...keys]),
      ...fresh.map((key) => ['RENAME', Buffer.concat([Buffer.from(stagedOf(run)), key]), key]),
      ['SET', markOf(run), '1', 'EX', String(MARK_S)],
      ['EXEC'],
    ])
    refuseErrors(reply.at(-1) ?? null)
  })
}

/** Copies the scope's keys under names of the run, with what is left of their time. What expires meanwhile is left out. */
async function stage(from: Redis, to: Redis, prefix: string | null, run: string, io: Io): Promise<Buffer[]> {
  const staged: Buffer[] = []
  for await (const all of keysOf(from, prefix)) {
    for (const keys of batches(all.filter(isTheirs))) {
      io.signal.throwIfAborted()
      const read = await from.all(
        keys.flatMap(
          (key) =>
            [
              ['DUMP', key],
              ['PTTL', key],
            ] as const,
        ),
      )
      const writes = keys.flatMap((key, index) => {
        const [value, left] = [read[index * 2], Number(read[index * 2 + 1])]
        if (!Buffer.isBuffer(value) || left === -2 || left === 0) return []
        staged.push(key)
        return [['RESTORE', Buffer.concat([Buffer.from(stagedOf(run)), key]), String(Math.max(left, 0)), value]]
      })
      await to.all(writes)
    }
  }
  return staged
}

/** Whatever a run of ours has put there is no part of anybody's data. */
function isTheirs(key: Buffer): boolean {
  return !key.subarray(0, OURS.length).equals(Buffer.from(OURS))
}

async function anyKey(redis: Redis, prefix: string): Promise<boolean> {
  for await (const keys of keysOf(redis, prefix)) if (keys.length > 0) return true
  return false
}

async function removeKeys(redis: Redis, prefix: string): Promise<void> {
  for await (const keys of keysOf(redis, prefix)) await redis.send('UNLINK', ...keys)
}

function batches(keys: readonly Buffer[]): Buffer[][] {
  return Array.from({ length: Math.ceil(keys.length / BATCH) }, (_, at) => keys.slice(at * BATCH, (at + 1) * BATCH))
}

/** A key that expired between being put there and being named is not missed; any other error is. */
function refuseErrors(reply: Reply): void {
  if (!Array.isArray(reply)) throw new StepFailed('redis', 'the transaction was not executed; nothing has changed')
  const error = reply.find((one) => one instanceof Error && !/no such key/i.test(one.message))
  if (error instanceof Error) throw new StepFailed('redis', `the transaction met an error: ${error.message}`)
}

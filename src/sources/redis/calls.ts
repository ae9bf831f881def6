import { resolve } from 'node:path'
import type { Part } from '../../core/backup.ts'
import type { CallRegistry, Io } from '../../core/plan.ts'
import { dropPlace, lookFree, mustBeFree, putCopy, seenCopy, seenGone } from '../beside.ts'
import { beginPart, captureCalls, finishPart, shrunk } from '../captured.ts'
import { emptied, mustHold } from '../counts.ts'
import { checkRdb, flushScope, keysOf, placeOf, saveRdb, type Scope, withRedis } from './client.ts'
import { countedIn, countRdb } from './scratch.ts'
import { forgetSwap, swapCalls } from './swap.ts'

type Capture = { name: string; scope: Scope; stage: string; paths: string[]; last: Part[] | null }
type Beside = {
  name: string
  file: string
  part: Part
  place: string
  was: { free: boolean } | null
}

type Drop = { place: string; was: { free: boolean } | null; swapped: { scope: Scope; run: string } | null }

/** What the steps of the Redis source name. */
export const redisCalls = {
  'redis.capture': async ({ name, scope, stage, paths, last }: Capture, io: Io) => {
    const to = paths[0] ?? ''
    const file = await beginPart(stage, to)
    await saveRdb(scope, file, io)
    const { prefix } = scope
    const counts = await countRdb(file, prefix === null ? null : { database: placeOf(scope, io).database, prefix }, io)
    const part = await finishPart(io, stage, to, { source: name, use: 'redis', counts })
    const smaller = shrunk(part, last)
    return {
      parts: [part],
      leftOut: [],
      doubts: [...(smaller === null ? [] : [smaller]), ...emptied(part, last, 'keys')],
    }
  },
  'redis.captured': captureCalls.captured,
  'redis.uncapture': captureCalls.uncapture,

  'redis.readable': async ({ name, file, part }: Beside, io: Io) => {
    await checkRdb(file, io)
    return { counts: await counted(name, file, part, io) }
  },

  'redis.look': async ({ place }: { place: string }, io: Io) => lookFree(resolve(io.root, place)),
  'redis.beside': async ({ name, file, part, place, was }: Beside, io: Io) => {
    const to = resolve(io.root, place)
    mustBeFree(name, place, was)
    await putCopy(name, file, part, to, io)
    return { counts: await counted(name, to, part, io), place }
  },
  'redis.beside.seen': async ({ part, place }: Beside, io: Io) => {
    const seen = await seenCopy(resolve(io.root, place), part, io)
    return { ...seen, gives: { counts: part.counts ?? {}, place } }
  },
  'redis.drop': async ({ place, was, swapped }: Drop, io: Io) => {
    await dropPlace(resolve(io.root, place), was)
    // The mark of the swap goes by itself after a while, so that a Redis that is gone is no failure here.
    if (swapped !== null) await forgetSwap(swapped.scope, swapped.run, io).catch(() => undefined)
    return {}
  },
  'redis.dropped': async ({ place }: { place: string }, io: Io) => seenGone(resolve(io.root, place)),

  'redis.flush': async ({ scope }: { scope: Scope }, io: Io) => ({ removed: await flushScope(scope, io) }),
  'redis.flushed': async ({ scope }: { scope: Scope }, io: Io) =>
    withRedis(scope, io, async (redis) => {
      for await (const keys of keysOf(redis, scope.prefix)) return { state: 'absent', saw: { keys: keys.length } }
      return { state: 'done', saw: { keys: 0 }, gives: { removed: 0 } }
    }),
  ...swapCalls,
} satisfies CallRegistry

/** Counts in a server of its own what was counted when it was captured. */
async function counted(name: string, file: string, part: Part, io: Io): Promise<Record<string, number>> {
  const counts = await countRdb(file, countedIn(part), io)
  mustHold(name, part.counts, counts)
  return counts
}

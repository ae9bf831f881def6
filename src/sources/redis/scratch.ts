import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Part } from '../../core/backup.ts'
import { StepFailed } from '../../core/failure.ts'
import type { Io } from '../../core/plan.ts'
import { execute } from '../../world/exec.ts'
import { openRedis, type Redis, type RedisPlace } from '../../world/redis.ts'
import { keysOf } from './client.ts'

/** Longer than any load that anybody waits for. */
const LOADING_MS = 3_600_000

/**
 * Loads an RDB file into a server of its own that only we reach, and ends it afterwards. It is a replica of nobody: so keys
 * that have expired since stay countable, and nothing is ever written. Throws StepFailed when the file does not load.
 */
export async function withScratch<T>(rdb: string, io: Io, work: (place: RedisPlace) => Promise<T>): Promise<T> {
  // Short, for the path of a socket may have no more than 107 bytes.
  const folder = await mkdtemp(join(tmpdir(), 'kg-redis-'))
  const socket = join(folder, 's')
  const end = new AbortController()
  const file = ['--dir', dirname(rdb), '--dbfilename', basename(rdb), '--save', '', '--appendonly', 'no']
  const alone = ['--port', '0', '--unixsocket', socket, '--unixsocketperm', '700', '--replicaof', '127.0.0.1', '1']
  const server = execute({
    argv: ['redis-server', ...alone, ...file, '--databases', '1024', '--daemonize', 'no'],
    env: { KNOWNGOOD_RUN: io.run },
    idleMs: 0,
    timeoutMs: LOADING_MS * 2,
    signal: AbortSignal.any([end.signal, io.signal]),
    onChild: io.child,
  })
  const ended = server.then(
    () => 'it ended',
    (error: unknown) => error,
  )
  try {
    const place: RedisPlace = { at: { socket }, user: null, password: null, database: 0 }
    await loaded(place, ended, io)
    return await work(place)
  } finally {
    end.abort()
    await ended
    await rm(folder, { recursive: true, force: true })
  }
}

async function loaded(place: RedisPlace, ended: Promise<unknown>, io: Io): Promise<void> {
  const until = performance.now() + LOADING_MS
  for (;;) {
    const up = await openRedis(place, io.signal).then(
      (redis) => (redis.close(), true),
      () => false,
    )
    if (up) return
    const why = await Promise.race([ended, sleep(50, null, { signal: io.signal })])
    if (why !== null) throw new StepFailed('redis', 'the RDB file does not load', saidBy(why))
    if (performance.now() > until) throw new StepFailed('redis', 'the RDB file does not load within an hour')
  }
}

function saidBy(error: unknown): readonly string[] {
  return error instanceof StepFailed ? error.output : []
}

/** A prefix in a database, of which keys are counted. */
export type Counted = { database: number; prefix: string }

/**
 * What an RDB file holds: keys of every database, and of a prefix those that do not expire, for the others may be gone the
 * next time it is loaded.
 */
export async function countRdb(rdb: string, of: Counted | null, io: Io): Promise<Record<string, number>> {
  return await withScratch(rdb, io, async (place) => {
    const redis = await openRedis({ ...place, database: of?.database ?? 0 }, io.signal)
    try {
      const info = String(await redis.send('INFO', 'keyspace'))
      const found = [...info.matchAll(/^(db\d+):keys=(\d+)/gm)].map(([, name, keys]) => [name, Number(keys)])
      const counts: Record<string, number> = Object.fromEntries(found)
      return of === null ? counts : { ...counts, [labelOf(of)]: await lasting(redis, of.prefix) }
    } finally {
      redis.close()
    }
  })
}

function labelOf({ database, prefix }: Counted): string {
  return `db${database} ${prefix}* without expiry`
}

/** The prefix that was counted when a part was captured, by the name of its count. */
export function countedIn(part: Part): Counted | null {
  for (const label of Object.keys(part.counts ?? {})) {
    const [, database, prefix] = /^db(\d+) (.*)\* without expiry$/s.exec(label) ?? []
    if (prefix !== undefined) return { database: Number(database), prefix }
  }
  return null
}

async function lasting(redis: Redis, prefix: string): Promise<number> {
  let count = 0
  for await (const keys of keysOf(redis, prefix)) {
    const left = await redis.all(keys.map((key) => ['PTTL', key]))
    count += left.filter((ms) => ms === -1).length
  }
  return count
}

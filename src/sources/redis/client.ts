import { open } from 'node:fs/promises'
import { StepFailed } from '../../core/failure.ts'
import type { Io } from '../../core/plan.ts'
import { execute } from '../../world/exec.ts'
import { openRedis, type Redis, redisPlace, type RedisPlace } from '../../world/redis.ts'
import { watchStill } from '../still.ts'

/** What of a Redis is ours: a prefix, or a whole database that nobody else uses; else nothing of it is ever removed. */
export type Scope = { url: string; database: number | null; prefix: string | null; exclusive: boolean }

const IDLE_MS = 15 * 60_000
const TOTAL_MS = 3 * 3_600_000
const BATCH = 500

/** Where the Redis of a scope is; reads the variable that holds its URL. */
export function placeOf({ url, database }: Scope, io: Io): RedisPlace {
  const place = redisPlace(io.secret(url))
  return { ...place, database: database ?? place.database }
}

/** Works on the Redis of a scope, and lets the connection go. */
export async function withRedis<T>(scope: Scope, io: Io, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = await openRedis(placeOf(scope, io), io.signal)
  try {
    return await work(redis)
  } finally {
    redis.close()
  }
}

/**
 * Saves the whole server as an RDB file at a path where nothing stands. A transfer that breaks is a failed child, one that
 * stands still is ended; what came is opened by `redis-check-rdb` before it counts. Throws StepFailed.
 */
export async function saveRdb(scope: Scope, file: string, io: Io): Promise<void> {
  const place = placeOf(scope, io)
  await withRedis(scope, io, async (redis) => redis.send('PING'))
  await (await open(file, 'wx', 0o600)).close()
  // Not by its stdout: there the mark that ends a transfer would stay behind the file's end.
  const still = watchStill(file, IDLE_MS)
  try {
    await execute({
      argv: ['redis-cli', '-e', ...wordsOf(place), '--rdb', file],
      env: place.password === null ? {} : { REDISCLI_AUTH: place.password },
      idleMs: 0,
      timeoutMs: TOTAL_MS,
      signal: AbortSignal.any([still.signal, io.signal]),
      onChild: io.child,
    })
  } catch (error) {
    throw still.signal.aborted ? new StepFailed('redis-cli', 'the transfer from Redis stood still') : error
  } finally {
    still.stop()
  }
  await checkRdb(file, io)
}

/** Throws a StepFailed when an RDB file is not whole: its checksum and every value in it are read. */
export async function checkRdb(file: string, io: Io): Promise<void> {
  const { out } = await execute({
    argv: ['redis-check-rdb', file],
    idleMs: IDLE_MS,
    timeoutMs: TOTAL_MS,
    signal: io.signal,
    onChild: io.child,
  })
  if (!out.some((line) => line.includes('RDB looks OK')))
    throw new StepFailed('redis-check-rdb', `${file} is not whole`, out)
}

function wordsOf({ at, user }: RedisPlace): string[] {
  const where =
    'socket' in at ? ['-s', at.socket] : ['-h', at.host, '-p', String(at.port), ...(at.tls ? ['--tls'] : [])]
  return [...where, '--no-auth-warning', ...(user === null ? [] : ['--user', user])]
}

/** Every key of the database that starts with the prefix, once, in batches; a null prefix takes all. Keys are bytes. */
export async function* keysOf(redis: Redis, prefix: string | null): AsyncGenerator<Buffer[]> {
  const seen = new Set<string>()
  const match = prefix === null ? [] : ['MATCH', `${prefix.replaceAll(/[*?[\]\\^-]/g, String.raw`\$&`)}*`]
  let cursor = '0'
  do {
    const reply = await redis.send('SCAN', cursor, ...match, 'COUNT', String(BATCH))
    const [next, found] = Array.isArray(reply) ? reply : []
    cursor = String(next)
    const keys = (Array.isArray(found) ? found : []).filter((key) => Buffer.isBuffer(key))
    const fresh = keys.filter((key) => !seen.has(key.toString('latin1')))
    for (const key of fresh) seen.add(key.toString('latin1'))
    if (fresh.length > 0) yield fresh
  } while (cursor !== '0')
}

/**
 * Removes the keys of a scope and nothing else; gives how many. Throws a StepFailed for a scope that is neither a prefix
 * nor a database of our own: others may keep theirs there.
 */
export async function flushScope(scope: Scope, io: Io): Promise<number> {
  mustBeOurs(scope)
  return await withRedis(scope, io, async (redis) => {
    let removed = 0
    for await (const keys of keysOf(redis, scope.prefix)) {
      await redis.send('UNLINK', ...keys)
      removed += keys.length
    }
    return removed
  })
}

/** Throws a StepFailed unless something of it is declared to be ours. */
export function mustBeOurs({ prefix, exclusive }: Scope): void {
  if (prefix !== null || exclusive) return
  throw new StepFailed('redis', 'it may be shared: nothing is removed without `prefix`, or `exclusive: true`')
}

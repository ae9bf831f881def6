import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { redis } from '../../src/sources/redis.ts'
import { flushStep } from '../../src/sources/redis/steps.ts'
import { scopeOf } from '../../src/sources/redis.ts'
import type { Redis } from '../../src/world/redis.ts'
import { testIo } from '../helpers/io.ts'
import { missing } from '../helpers/needs.ts'
import { allKeys, realRedis, type RealRedis } from '../helpers/redis.ts'
import { roundTrip, sourceAtWork } from '../helpers/source-round-trip.ts'
import { temporaryFolder } from '../helpers/temp.ts'

const BINARY = Buffer.from([0, 255, 10, 13, 34, 92, 42])

describe.skipIf(missing('redis-server'))('Redis (package redis-server)', () => {
  let server: RealRedis
  let ours: Redis
  let other: Redis
  beforeAll(async () => {
    server = await realRedis()
    ours = await server.open(2)
    other = await server.open(0)
    process.env['KG_REDIS_URL'] = server.url(2)
  })
  afterAll(async () => {
    delete process.env['KG_REDIS_URL']
    ours.close()
    other.close()
    await server.end()
  })
  beforeEach(async () => {
    await ours.send('FLUSHALL')
    await ours.all([
      ['SET', 'app:name', 'mosaic'],
      ['SET', Buffer.concat([Buffer.from('app:'), BINARY]), BINARY],
      ['HSET', 'app:user', 'ana', '1', 'ben', '2'],
      ['RPUSH', 'app:list', 'a', 'b'],
      ['ZADD', 'app:sorted', '1', 'x'],
      ['XADD', 'app:stream', '1-1', 'k', 'v'],
      ['SET', 'app:session', 's', 'EX', '3600'],
      ['SET', 'apple', 'not ours: it has no colon'],
      ['SET', 'zoo:1', 'foreign'],
    ])
    await other.send('SET', 'app:elsewhere', 'in another database')
  })

  const at = (options: Record<string, unknown>) => {
    const root = temporaryFolder()
    const io = { ...testIo(root), secret: (name: string) => process.env[name] ?? '' }
    const told = { source: redis as never, options: { url: '$KG_REDIS_URL', ...options }, root, io }
    return { root, io, told, work: sourceAtWork(told) }
  }

  test.each([[{ prefix: 'app:' }], [{ exclusive: true }]])(
    'goes out and back with %j, values and times to live alike',
    async (own) => {
      const { told } = at(own)
      const change = () =>
        ours.all([
          ['SET', 'app:name', 'changed'],
          ['SET', 'app:new', 'new'],
          ['DEL', 'app:user'],
        ])
      await roundTrip(told, async () => allKeys(ours), change)
      expect(await allKeys(other)).toHaveProperty('app:elsewhere')
    },
  )

  test('counts the keys of every database, and those of the prefix that stay', async () => {
    const { work } = at({ prefix: 'app:' })
    const { parts } = await work.capture()
    expect(parts).toMatchObject([
      { path: 'database/data.rdb', counts: { db0: 1, db2: 9, 'db2 app:* without expiry': 6 } },
    ])
  })

  test('counts keys that have expired since as those that were captured', async () => {
    const { work } = at({ exclusive: true })
    await ours.send('SET', 'app:short', 'x', 'PX', '1500')
    const { parts } = await work.capture()
    expect(parts[0]?.counts).toMatchObject({ db2: 10 })
    while ((await ours.send('EXISTS', 'app:short')) === 1) await ours.send('PING')
    const [part] = parts
    if (part === undefined) throw new Error('no part')
    expect(await work.readable(part)).toMatchObject({ counts: { db2: 10 } })
    await work.restore(parts)
    expect(await ours.send('EXISTS', 'app:short')).toBe(0)
  })

  test('in which nothing is ours is only put beside, and says why', async () => {
    const { root, work } = at({})
    const { parts } = await work.capture()
    const steps = work.restoreSteps(parts)
    if (steps === null) throw new Error('no steps')
    expect(steps.swap).toBeNull()
    expect(steps.beside.actions).toMatchObject([{ says: expect.stringContaining('others may keep keys') }])
    const { place } = await work.run(steps.beside)
    expect(existsSync(join(root, String(place)))).toBe(true)
    await work.run(steps.drop)
  })

  test('is restored with standard tools by the lines of the manifest', async () => {
    const { work } = at({})
    const { parts } = await work.capture()
    const [part] = parts
    if (part === undefined) throw new Error('no part')
    const port = String(server.port + 1 > 65535 ? server.port - 1 : server.port + 1)
    const script = redis.manual(redis.options.parse({ url: '$KG_REDIS_URL' }), part).join(' && sleep 0.3 && ')
    const env = { ...process.env, REDIS_PORT: port }
    try {
      const said = execFileSync('sh', ['-c', script], { cwd: work.stage, env, encoding: 'utf8' })
      expect(said).toContain('db2:keys=9')
    } finally {
      execFileSync('redis-cli', ['-p', port, 'shutdown', 'nosave'])
    }
  })

  test('is flushed by its prefix when that is asked, and everything else stays', async () => {
    const { io, work } = at({ prefix: 'app:' })
    const scope = scopeOf(redis.options.parse({ url: '$KG_REDIS_URL', prefix: 'app:' }))
    const step = flushStep('flush.cache', 'cache', scope)
    expect(await work.run(step)).toEqual({ removed: 7 })
    expect(Object.keys(await allKeys(ours))).toEqual(['apple', 'zoo:1'])
    expect(await allKeys(other)).toHaveProperty('app:elsewhere')
    const shared = { ...scope, prefix: null }
    await expect(redis.calls['redis.flush']?.({ scope: shared } as never, io)).rejects.toThrow('may be shared')
  })

  test('leaves no file, key or server behind', async () => {
    const { root, work } = at({ exclusive: true })
    const { parts } = await work.capture()
    const before = await allKeys(ours)
    await work.restore(parts)
    expect(await allKeys(ours)).toEqual(before)
    expect(readdirSync(join(root, '.knowngood/undo'), { recursive: true })).toHaveLength(2)
  })
})

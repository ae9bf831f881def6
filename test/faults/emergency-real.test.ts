import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runKilled } from '../helpers/killed.ts'
import { startDocker } from '../helpers/docker.ts'
import { needed } from '../helpers/needed.ts'
import { describePostgres, NEEDS, startPostgres } from '../helpers/postgres.ts'
import { realRedis } from '../helpers/redis.ts'
import { leftovers, restorable } from '../helpers/restorable.ts'
import { sampled } from '../helpers/sampled.ts'

const CONFIRMED = ['--confirm=mosaic-production', '--reason', 'everything is broken']

/** Variables for this test, and for the program it starts. */
function given(variables: Record<string, string>): void {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name]
    process.env[name] = value
    onTestFinished(() => {
      if (before === undefined) delete process.env[name]
      else process.env[name] = before
    })
  }
}

describePostgres(`break glass on PostgreSQL, Redis and a container engine${NEEDS}`, () => {
  test('everything that was broken is again as the baseline held it', { timeout: 300_000 }, async (context) => {
    const docker = needed(context, await startDocker())
    onTestFinished(() => docker.stop())
    const server = await startPostgres()
    onTestFinished(() => server.stop())
    const redisServer = await realRedis()
    onTestFinished(() => redisServer.end())
    given({ ...docker.env, ORDERS_URL: server.url('app'), CACHE_URL: redisServer.url() })

    server.sql('postgres', 'CREATE DATABASE app')
    server.sql('app', 'CREATE TABLE orders (id int, what text)', "INSERT INTO orders VALUES (1, 'tea'), (2, 'ünï')")
    const good = docker.build('mosaic-api', 'the good one')
    const site = await restorable({
      sources: [
        '  orders: { use: postgres, url: $ORDERS_URL }',
        "  cache: { use: redis, url: $CACHE_URL, prefix: 'app:' }",
        '  images: { use: docker, images: [mosaic-api] }',
        '',
      ].join('\n'),
      config: 'emergency: { redis: flush }\n',
    })
    const created = await site.kg('baseline', 'create', 'immaculate-1', '--json')
    expect(created, created.err).toMatchObject({ exit: 0, json: { immaculate: true } })

    const redis = await redisServer.open()
    await redis.send('SET', 'app:session', 'corrupt')
    await redis.send('SET', 'theirs', 'precious')
    const breakAll = () => {
      server.sql('app', 'DROP TABLE orders', 'CREATE TABLE junk (id int)')
      docker.build('mosaic-api', `a bad one ${Math.random()}`)
      site.change()
    }
    const imageNow = () => docker.run('image', 'inspect', '--format', '{{.Id}}', 'mosaic-api').trim()
    const asFrozen = async () => {
      expect(server.sql('app', 'SELECT id, what FROM orders ORDER BY id')).toEqual(['1|tea', '2|ünï'])
      expect(server.sql('app', "SELECT count(*) FROM pg_tables WHERE tablename = 'junk'")).toEqual(['0'])
      expect([site.users(), site.upload(), imageNow()]).toEqual([['ana', 'ben'], 'first', good])
      expect([await redis.send('EXISTS', 'app:session'), String(await redis.send('GET', 'theirs'))]).toEqual([
        0,
        'precious',
      ])
      expect(leftovers(site.root)).toEqual([])
    }

    breakAll()
    const done = await site.kg('emergency', '--json', ...CONFIRMED)
    expect(done, done.err).toMatchObject({ exit: 0, json: { restoredTo: 'immaculate-1' } })
    await asFrozen()

    // What was broken is kept, and can be had back.
    const back = await site.kg('restore', '--undo', String(done.json['run']), ...CONFIRMED)
    expect(back, back.err).toMatchObject({ exit: 0 })
    expect(server.sql('app', "SELECT count(*) FROM pg_tables WHERE tablename = 'junk'")).toEqual(['1'])
    expect(imageNow()).not.toBe(good)

    // Killed at each swap: resumed, it is as the baseline held it.
    for (const step of sampled(['swap.orders', 'swap.images', 'swap.uploads', 'swap.database'])) {
      const plan = await site.emergency()
      expect(plan.holds).toEqual([])
      expect(await runKilled(site.root, plan, 'run', { when: 'acted', step })).toMatchObject({ killed: true })
      expect(await runKilled(site.root, plan, 'resume', null)).toMatchObject({ exit: 0 })
      await asFrozen()
      breakAll()
    }
    expect(readFileSync(join(site.root, '.verification_audit.log'), 'utf8')).toContain('"event":"emergency"')
  })
})

import { expect, onTestFinished, test } from 'vitest'
import { runKilled } from '../helpers/killed.ts'
import { describePostgres, NEEDS, startPostgres } from '../helpers/postgres.ts'
import { realRedis } from '../helpers/redis.ts'
import { restorable } from '../helpers/restorable.ts'

const CONFIRMED = ['--confirm=mosaic-production', '--reason', 'a test']

/** A source beside those every production here has, and the variable it reads. */
function configured(name: string, text: string, variable: string, value: string): string {
  process.env[variable] = value
  onTestFinished(() => void delete process.env[variable])
  return `  ${name}: ${text}\n`
}

describePostgres(`PostgreSQL${NEEDS}`, () => {
  test(
    'fault 45: a database in use is restored, newer tables gone; killed at its swap it is old or new; it is swapped back',
    { timeout: 120_000 },
    async () => {
      const server = await startPostgres()
      onTestFinished(() => server.stop())
      server.sql('postgres', 'CREATE DATABASE app')
      server.sql('app', 'CREATE TABLE orders (id int, what text)', "INSERT INTO orders VALUES (1, 'tea'), (2, 'ünï')")
      const source = configured('orders', '{ use: postgres, url: $ORDERS_URL }', 'ORDERS_URL', server.url('app'))
      const site = await restorable({ sources: source, set: ['database', 'orders'] })
      const id = await site.backup('set', { name: 'before' })
      server.sql('app', "INSERT INTO orders VALUES (3, 'lost')", 'CREATE TABLE newer (id int)')
      site.change()
      const rows = () => server.sql('app', 'SELECT count(*) FROM orders')[0]
      const databases = () =>
        server.sql('postgres', "SELECT datname FROM pg_database WHERE datname LIKE 'app%' ORDER BY 1")

      expect(await site.verify(id, 'restored')).toMatchObject({ exit: 0, error: null })
      expect(databases()).toEqual(['app'])

      for (const when of ['before', 'acted'] as const) {
        const plan = await site.restore(id)
        expect(plan.holds).toEqual([])
        expect(await runKilled(site.root, plan, 'run', { when, step: 'swap.orders' })).toMatchObject({ killed: true })
        expect(['2', '3']).toContain(rows())
        expect(await runKilled(site.root, plan, 'undo', null)).toMatchObject({ exit: 0, outcome: 'undone', owed: [] })
        expect([rows(), site.users()]).toEqual(['3', ['ana', 'ben', 'eve']])
        expect(databases()).toEqual(['app'])
      }

      const plan = await site.restore(id)
      expect(await runKilled(site.root, plan, 'run', { when: 'acted', step: 'swap.orders' })).toMatchObject({
        killed: true,
      })
      expect(await runKilled(site.root, plan, 'resume', null)).toMatchObject({ exit: 0, owed: [] })
      expect([rows(), site.users()]).toEqual(['2', ['ana', 'ben']])
      expect(server.sql('app', "SELECT count(*) FROM pg_tables WHERE tablename = 'newer'")).toEqual(['0'])

      const back = await site.kg('restore', '--undo', plan.names['run'] ?? '', ...CONFIRMED)
      expect(back, back.err).toMatchObject({ exit: 0 })
      expect([rows(), site.users()]).toEqual(['3', ['ana', 'ben', 'eve']])

      // Into another database, whose URL nobody sees.
      process.env['ELSEWHERE_URL'] = server.url('elsewhere')
      onTestFinished(() => void delete process.env['ELSEWHERE_URL'])
      const beside = await site.kg('restore', id, '--only', 'orders', '--to', '$ELSEWHERE_URL')
      expect(beside, beside.err).toMatchObject({ exit: 0 })
      expect(server.sql('elsewhere', 'SELECT count(*) FROM orders')).toEqual(['2'])
      expect(rows()).toBe('3')
    },
  )
})

test('fault 51: a flush removes what is ours and leaves what is others’; a Redis that is down is reported, and the data is back', async () => {
  const server = await realRedis()
  let running = true
  onTestFinished(async () => {
    if (running) await server.end()
  })
  const source = configured('cache', "{ use: redis, url: $CACHE_URL, prefix: 'app:' }", 'CACHE_URL', server.url())
  const site = await restorable({ sources: source, set: ['database', 'uploads'] })
  const id = await site.backup('set', { name: 'before' })
  const redis = await server.open()
  await redis.send('SET', 'app:1', 'stale')
  await redis.send('SET', 'theirs', 'precious')
  site.change()

  const done = await site.kg('restore', id, '--flush-redis', ...CONFIRMED)
  expect(done, done.err).toMatchObject({ exit: 0 })
  expect(String(await redis.send('GET', 'theirs'))).toBe('precious')
  expect(await redis.send('EXISTS', 'app:1')).toBe(0)
  expect(site.users()).toEqual(['ana', 'ben'])

  site.change()
  redis.close()
  // It goes down after the plan was made and what stands there was captured.
  const plan = await site.restore(id, { flushRedis: true })
  running = false
  let gone = Promise.resolve()
  const ended = await site.execute(plan, (step) => {
    if (step === 'swap.database') gone = server.end()
  })
  await gone
  expect(ended.exit).toBe(0)
  expect(ended.owed.join()).toContain('Flush cache')
  expect([site.users(), site.upload()]).toEqual([['ana', 'ben'], 'first'])
})

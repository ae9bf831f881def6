import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describePostgres, NEEDS, postgresAtWork, startPostgres } from '../helpers/postgres.ts'

const ROWS = 4_000_000

/** Minutes of work: only when asked for, with KNOWNGOOD_SLOW=1. */
describePostgres(`a large PostgreSQL database${NEEDS}`, () => {
  test.runIf(process.env['KNOWNGOOD_SLOW'] === '1')(
    'of some million rows is dumped, restored and exchanged, in memory that stays small (slow: KNOWNGOOD_SLOW=1)',
    async () => {
      const server = await startPostgres()
      try {
        server.sql('postgres', 'CREATE DATABASE app')
        server.sql(
          'app',
          'CREATE TABLE events (id bigint PRIMARY KEY, at timestamptz, what text)',
          `INSERT INTO events SELECT n, now() - n * interval '1 s', md5(n::text) || repeat(' and on', 8) FROM generate_series(1, ${ROWS}) n`,
          'CREATE INDEX ON events (at)',
        )
        const { at } = postgresAtWork(server, 'app')
        const spent: Record<string, string> = {}
        const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
          const began = performance.now()
          const result = await work()
          spent[name] = `${((performance.now() - began) / 1000).toFixed(1)} s`
          return result
        }
        const { parts } = await timed('capture', async () => at.capture())
        const [part] = parts
        if (part === undefined) throw new Error('no part')
        expect(part.counts).toEqual({ events: ROWS })
        await timed('readable', async () => at.readable(part))
        const steps = at.restoreSteps(parts)
        if (steps?.swap == null) throw new Error('no swap')
        const { beside, swap } = steps
        await timed('beside', async () => at.run(beside))
        await timed('swap', async () => at.run(swap))
        expect(server.sql('app', 'SELECT count(*) FROM events')).toEqual([String(ROWS)])
        const { rss } = process.memoryUsage()
        process.stderr.write(`${JSON.stringify({ ...spent, dump: statSync(join(at.stage, part.path)).size, rss })}\n`)
        expect(rss).toBeLessThan(600e6)
      } finally {
        server.stop()
      }
    },
    20 * 60_000,
  )
})

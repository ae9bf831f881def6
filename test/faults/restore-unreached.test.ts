import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startDocker } from '../helpers/docker.ts'
import { needed } from '../helpers/needed.ts'
import { anyFileHolds, describePostgres, NEEDS, roleLine, startPostgres } from '../helpers/postgres.ts'
import { leftovers, restorable } from '../helpers/restorable.ts'

const CONFIRMED = ['--confirm=mosaic-production', '--reason', 'the worst night']

describePostgres(`what cannot be reached${NEEDS}`, () => {
  test(
    'fault 1: a wrong password, no variable or a server that is down stop break glass before any service, and the rest is a way',
    { timeout: 120_000 },
    async () => {
      const server = await startPostgres()
      onTestFinished(() => {
        vi.unstubAllEnvs()
        server.stop()
      })
      server.sql('postgres', roleLine('app', 'CREATEDB'), 'CREATE DATABASE app OWNER app')
      server.sql('app', 'SET ROLE app', 'CREATE TABLE orders (id int)', 'INSERT INTO orders VALUES (1), (2)')
      const url = server.url('app', 'app')
      vi.stubEnv('ORDERS_URL', url)
      const site = await restorable({
        sources: '  orders: { use: postgres, url: $ORDERS_URL }\n',
        set: ['database', 'uploads', 'orders'],
      })
      await site.backup('baseline', { name: 'before' })
      site.change()

      const wrong = [
        [url.replace(/app:[^/@]*@/, 'app:canary-4711@'), 'password authentication failed for user "app"'],
        ['', 'The variable ORDERS_URL is not set'],
        [url.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1'), 'Connection refused'],
      ] as const
      for (const [given, why] of wrong) {
        vi.stubEnv('ORDERS_URL', given)
        const ended = await site.kg('emergency', ...CONFIRMED)
        expect([why, ended.exit]).toEqual([why, given === '' ? ended.exit : 4])
        expect([3, 4], why).toContain(ended.exit)
        expect(ended.out).toContain(why)
        expect(ended.out + ended.err).not.toContain('canary-4711')
        expect(ended.out).toContain('The rest, meanwhile: knowngood emergency --only database --only uploads')
        expect(site.asked(), why).toEqual([])
        expect((await site.kg('resume')).out, why).toContain('No run was interrupted')
        expect([site.users(), site.upload()], why).toEqual([['ana', 'ben', 'eve'], 'second'])
      }
      expect(leftovers(site.root)).toEqual([])
      expect(anyFileHolds(site.root, 'canary-4711')).toBe(false)
      expect(await site.kg('emergency', '--only', 'database', '--only', 'uploads', ...CONFIRMED)).toMatchObject({
        exit: 0,
      })
      expect([site.users(), site.upload()]).toEqual([['ana', 'ben'], 'first'])

      // A role that could fill no new database is told so as early.
      vi.stubEnv('ORDERS_URL', url)
      site.change()
      const asked = site.asked()
      server.sql('postgres', 'ALTER ROLE app NOCREATEDB')
      const lacks = await site.kg('emergency', ...CONFIRMED)
      expect([lacks.exit, lacks.out]).toEqual([3, expect.stringContaining('app may not create databases')])
      expect(site.asked()).toEqual(asked)
      server.sql('postgres', 'ALTER ROLE app CREATEDB')

      // It goes away between the look and the act: there is nothing of it to take back.
      const ended = await site.execute(await site.emergency(), (step) => {
        if (step === 'beside.database') vi.stubEnv('ORDERS_URL', wrong[0][0])
      })
      expect(ended).toMatchObject({ exit: 4, outcome: 'undone' })
      expect(site.asked().at(-1)).toBe('status')
      expect([site.users(), site.upload()]).toEqual([['ana', 'ben', 'eve'], 'second'])
    },
  )
})

test(
  'fault 11: an engine that is gone once the plan was made stops before any service',
  { timeout: 120_000 },
  async (context) => {
    const docker = needed(context, await startDocker())
    let stopped = false
    onTestFinished(async () => {
      vi.unstubAllEnvs()
      if (!stopped) await docker.stop()
    })
    for (const [name, value] of Object.entries(docker.env)) vi.stubEnv(name, value)
    docker.build('mosaic-api', 'good')
    const site = await restorable({
      sources: '  images: { use: docker, images: [mosaic-api] }\n',
      set: ['database', 'images'],
    })
    await site.backup('baseline', { name: 'before' })
    site.change()
    const plan = await site.emergency()
    stopped = true
    await docker.stop()
    const ended = await site.execute(plan)
    expect(ended).toMatchObject({ exit: 4, outcome: 'undone', failedStep: 'See that images can be reached' })
    expect(ended.error).toMatch(/Cannot connect to the Docker daemon.*Start it/)
    expect(site.asked()).toEqual([])
    expect(site.users()).toEqual(['ana', 'ben', 'eve'])
    expect(existsSync(join(site.root, '.knowngood/lock'))).toBe(false)
  },
)

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pm2Calls } from '../../src/targets/pm2-calls.ts'
import { pm2 as target } from '../../src/targets/pm2.ts'
import { processesOf } from '../../src/world/orphans.ts'
import { testIo } from '../helpers/io.ts'
import { needed } from '../helpers/needed.ts'
import { realPm2 } from '../helpers/pm2.ts'
import type { Pm2 } from '../helpers/pm2.ts'

/** The real PM2, with a home of its own. */
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'knowngood-test-')))
const place = join(folder, 'srv')
const told = {
  command: ['pm2'],
  place,
  ecosystem: 'ecosystem.config.cjs',
  apps: ['api'],
  by: 'reload' as const,
  keep: 5,
  timeoutMs: 40_000,
}
const { 'pm2.place': put, 'pm2.serve': serve, 'pm2.probe': probe, 'pm2.back': back, 'pm2.return': again } = pm2Calls
const commits = { good: 'a'.repeat(40), next: 'b'.repeat(40), broken: 'c'.repeat(40) }

let pm2: Pm2 | string = ''
const before = { ...process.env }

beforeAll(() => {
  pm2 = realPm2(folder)
  if (typeof pm2 !== 'string') Object.assign(process.env, pm2.env)
}, 60_000)
afterAll(() => {
  if (typeof pm2 !== 'string') pm2.end()
  process.env = before
  rmSync(folder, { recursive: true, force: true })
})

function built(commit: string, text = 'setInterval(() => {}, 1000)'): { dir: string; commit: string; buildId: string } {
  const dir = join(folder, 'built', commit)
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, '.git'), 'gitdir: elsewhere')
  writeFileSync(join(dir, 'server.cjs'), text)
  writeFileSync(
    join(dir, 'ecosystem.config.cjs'),
    `module.exports = { apps: [{ name: 'api', script: './server.cjs', cwd: ${JSON.stringify(join(place, 'current'))}, max_restarts: 1, min_uptime: 60000 }] }`,
  )
  return { dir, commit, buildId: commit }
}

const io = (run: string) => ({ ...testIo(folder), run })
const options = () => target.options.parse({ place, apps: ['api'] })
const observe = () => target.observe(options(), { root: folder, git: { remote: 'origin', branch: 'main' } })

describe('the real PM2', () => {
  test(
    'takes a release up, goes on to the next one, and is led back to the first',
    { timeout: 90_000 },
    async (context) => {
      needed(context, pm2)
      const first = built(commits.good)
      expect(await probe({ told, was: null, commit: first.commit }, io('run-1'))).toMatchObject({ state: 'absent' })
      await put({ told, ...first }, io('run-1'))
      expect(existsSync(join(place, 'releases/run-1/.git'))).toBe(false)
      expect(await serve({ told, commit: first.commit }, io('run-1'))).toEqual({ release: 'run-1' })
      expect(await observe()).toMatchObject({
        value: { settled: true, live: commits.good, deployId: 'run-1' },
      })
      // What carries a run's mark is ended on resume: production must not.
      expect(processesOf('run-1')).toEqual([])

      const next = built(commits.next)
      await put({ told, ...next }, io('run-2'))
      expect(await probe({ told, was: 'run-1', commit: next.commit }, io('run-2'))).toMatchObject({ state: 'absent' })
      await serve({ told, commit: next.commit }, io('run-2'))
      expect(await probe({ told, was: 'run-1', commit: next.commit }, io('run-2'))).toMatchObject({
        state: 'done',
        gives: { release: 'run-2' },
      })

      expect(await again({ told, ...first, dir: '/nowhere' }, io('run-3'))).toEqual({ release: 'run-1' })
      expect(await observe()).toMatchObject({ value: { live: commits.good, deployId: 'run-1' } })
    },
  )

  test(
    'is led back when a release does not stay up, and what was copied is gone',
    { timeout: 90_000 },
    async (context) => {
      needed(context, pm2)
      const bad = built(commits.broken, 'process.exit(1)')
      await put({ told, ...bad }, io('run-4'))
      await expect(serve({ told, commit: bad.commit }, io('run-4'))).rejects.toThrow(/do not stay up: api is/)
      expect(await probe({ told, was: 'run-1', commit: bad.commit }, io('run-4'))).toMatchObject({ state: 'partial' })
      await back({ told, was: 'run-1' }, io('run-4'))
      expect(readlinkSync(join(place, 'current'))).toBe('releases/run-1')
      expect(await observe()).toMatchObject({ value: { settled: true, live: commits.good } })
      expect(readdirSync(join(place, 'releases')).filter((name) => name.includes('run-4'))).toEqual([])
    },
  )

  test('keeps as many releases as it is told, and the live one always', { timeout: 60_000 }, async (context) => {
    needed(context, pm2)
    await put({ told, ...built(commits.next) }, io('run-5'))
    await serve({ told: { ...told, keep: 1 }, commit: commits.next }, io('run-5'))
    expect(readdirSync(join(place, 'releases')).toSorted()).toEqual(['run-5', 'run-5.json'])
  })
})

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { vercelCalls } from '../../src/targets/vercel-calls.ts'
import { hostTool } from '../helpers/host-tool.ts'
import { testIo } from '../helpers/io.ts'
import { vercelApi } from '../helpers/vercel-api.ts'

/** The real Vercel CLI against a loopback server: one on PATH is used, and KNOWNGOOD_SLOW=1 installs it. */
const WANTED = 'vercel@60.0.0'
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'knowngood-test-')))
const before = { ...process.env }
let api: Awaited<ReturnType<typeof vercelApi>>
let cli: string | true = true

beforeAll(async () => {
  api = await vercelApi()
  cli = hostTool(folder, 'vercel', WANTED)
  Object.assign(process.env, {
    HOME: folder,
    XDG_DATA_HOME: folder,
    XDG_CONFIG_HOME: folder,
    VERCEL_TELEMETRY_DISABLED: '1',
  })
}, 600_000)
afterAll(() => {
  api.close()
  process.env = before
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
})

const [good, next, later] = ['a'.repeat(40), 'b'.repeat(40), 'c'.repeat(40)]
const { 'vercel.deploy': deploy, 'vercel.probe': probe, 'vercel.undo': undo, 'vercel.capture': capture } = vercelCalls
const io = (run: string) => ({ ...testIo(folder), run, secret: () => 'canaryOfThisTest00000000' })

describe('the real Vercel CLI', () => {
  test(
    'deploys, rolls back at once, and takes the domain again after a rollback',
    { timeout: 300_000 },
    async (context) => {
      if (typeof cli === 'string') return context.skip(cli)
      const told = {
        domain: 'mosaic.vercel.app',
        project: 'prj_1',
        org: 'team_1',
        dir: '.',
        prebuilt: false,
        command: ['vercel', '--api', api.url],
        token: 'VERCEL_TOKEN',
        askMs: 60_000,
        idleMs: 60_000,
        timeoutMs: 120_000,
      }
      const dir = join(folder, 'built')
      mkdirSync(dir)
      writeFileSync(join(dir, 'index.html'), 'one')
      expect(await capture({ told }, io('run-1'))).toEqual({ deployId: null, url: null })
      const first = await deploy({ told, dir, commit: good }, io('run-1'))
      expect(first).toEqual({ deployId: 'mosaic-1.vercel.app', url: 'https://mosaic-1.vercel.app' })

      writeFileSync(join(dir, 'index.html'), 'two')
      const was = 'mosaic-1.vercel.app'
      const second = await deploy({ told, dir, commit: next }, io('run-2'))
      expect(await probe({ told, was, commit: next }, io('run-2'))).toMatchObject({ state: 'done', gives: second })
      await undo({ told, was, commit: next }, io('run-2'))
      expect(api.state.live).toBe('dpl_1')

      // A rollback holds the domain; only a promotion gives it to what is deployed afterwards.
      await deploy({ told, dir, commit: later }, io('run-3'))
      expect(api.state.live).toBe('dpl_3')

      // What the host still builds is taken away by an undo; what the domain leads to is not.
      const building = {
        id: 'dpl_4',
        url: 'mosaic-4.vercel.app',
        readyState: 'BUILDING',
        meta: { knowngoodRun: 'run-4' },
        files: [],
      }
      api.deployments.unshift({ ...api.deployments[0], ...building })
      await undo({ told, was: 'mosaic-3.vercel.app', commit: good }, io('run-4'))
      expect(api.asked.filter((line) => line.startsWith('DELETE')).join()).toContain('dpl_4')
      expect(api.state.live).toBe('dpl_3')
    },
  )
})

import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { vercelCalls } from '../../src/targets/vercel-calls.ts'
import { vercel } from '../../src/targets/vercel.ts'
import { CANARY, fakeHost } from '../helpers/fake-host.ts'

type Listed = { url: string; state: string; meta: Record<string, string> }
type State = { live: string | null; holds: boolean; asks: boolean; deploys: Listed[] }

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'knowngood-test-')))
const empty: State = { live: null, holds: false, asks: false, deploys: [] }
const host = fakeHost(folder, 'vercel', empty)
const before = { ...process.env }
Object.assign(process.env, host.env, { VERCEL_TOKEN: CANARY })
const dir = join(folder, 'built')
mkdirSync(dir)

beforeEach(() => host.set(empty))
afterAll(() => {
  process.env = before
  rmSync(folder, { recursive: true, force: true })
})

const told = {
  domain: 'mosaic.vercel.app',
  project: 'prj_1',
  org: 'team_1',
  dir: '.',
  prebuilt: false,
  command: ['vercel'],
  token: 'VERCEL_TOKEN',
  askMs: 20_000,
  idleMs: 20_000,
  timeoutMs: 20_000,
}
const [good, next] = ['a'.repeat(40), 'b'.repeat(40)]
const { 'vercel.deploy': deploy, 'vercel.probe': probe, 'vercel.undo': undo, 'vercel.return': goBack } = vercelCalls
const io = host.io
const place = { root: folder, git: { remote: 'origin', branch: 'main' } }
const options = (more: object = {}) =>
  vercel.options.parse({ domain: 'mosaic.vercel.app', project: 'prj_1', org: 'team_1', ...more })

describe('a deploy to Vercel', () => {
  test('gives its own URL, and is rolled back at once to the deploy before', async () => {
    const first = await deploy({ told, dir, commit: good }, io('run-1'))
    expect(first).toEqual({ deployId: 'mosaic-1.vercel.app', url: 'https://mosaic-1.vercel.app' })
    expect(await vercel.observe(options(), place)).toMatchObject({ value: { settled: true, live: good } })
    const question = { told, was: 'mosaic-1.vercel.app', commit: next }
    expect(await probe(question, io('run-2'))).toMatchObject({ state: 'absent' })
    await deploy({ told, dir, commit: next }, io('run-2'))
    expect(await probe(question, io('run-2'))).toMatchObject({
      state: 'done',
      gives: { deployId: 'mosaic-2.vercel.app' },
    })
    await undo(question, io('run-2'))
    expect(host.state()).toMatchObject({ live: 'mosaic-1.vercel.app', holds: true })
  })

  test('after a rollback takes the domain by a promotion, which the host then waits for', async () => {
    await deploy({ told, dir, commit: good }, io('run-1'))
    host.set({ holds: true })
    await deploy({ told, dir, commit: next }, io('run-2'))
    expect(host.state()).toMatchObject({ live: 'mosaic-2.vercel.app', holds: false })
    expect(await goBack({ told, dir: '/nowhere', commit: good }, io('run-3'))).toMatchObject({
      deployId: 'mosaic-1.vercel.app',
    })
  })

  test('that the host still builds is waited for, and taken away by an undo', async () => {
    await deploy({ told, dir, commit: good }, io('run-1'))
    const building = {
      url: 'mosaic-2.vercel.app',
      state: 'BUILDING',
      meta: { knowngoodRun: 'run-2', knowngoodCommit: next },
    }
    host.set({ deploys: [building, ...host.state().deploys] })
    const question = { told, was: 'mosaic-1.vercel.app', commit: next }
    expect(await vercel.observe(options(), place)).toMatchObject({ value: { settled: false } })
    expect(await probe(question, io('run-2'))).toMatchObject({ state: 'settling' })
    await undo(question, io('run-2'))
    expect(host.state()).toMatchObject({ live: 'mosaic-1.vercel.app', deploys: [{ url: 'mosaic-1.vercel.app' }] })
  })

  test('that asks is ended, and says what to add', async () => {
    host.set({ asks: true })
    const failing = deploy({ told: { ...told, idleMs: 600_000, timeoutMs: 600_000 }, dir, commit: good }, io('run-1'))
    await expect(failing).rejects.toThrow(
      /asked "\? Set up and deploy.*nobody is there to answer: see that project and org/,
    )
  })

  test('never carries its credential in its words', () => {
    const context = {
      id: 'x',
      dir,
      commit: good,
      buildId: good,
      from: null,
      rewinds: false,
      remote: 'o',
      branch: 'm',
      lock: null,
    }
    const step = vercel.deploy(options(), context)
    expect(JSON.stringify(step)).not.toMatch(new RegExp(`--token|${CANARY}`))
    expect(step.actions).toMatchObject([
      {
        byHand: [
          ['vercel', 'deploy', '--prod', '--yes', '--meta', expect.anything(), '--meta', `knowngoodCommit=${good}`],
        ],
      },
    ])
  })

  test('is looked after, and found by its link', async () => {
    expect(await vercel.doctor(options(), place)).toMatchObject([
      { ok: true },
      { ok: true },
      { ok: true, says: 'mosaic.vercel.app leads to no deploy yet' },
    ])
    expect(await vercel.doctor(options({ project: 'prj_2' }), place)).toMatchObject([{}, {}, { ok: false }])
    const read = async (path: string) =>
      path === '.vercel/project.json' ? '{"projectId":"prj_1","orgId":"team_1","projectName":"mosaic"}' : null
    expect(await vercel.detect({ read, glob: async () => [] })).toMatchObject([
      { options: { project: 'prj_1', org: 'team_1' }, unsure: ['which domain is production: set domain'] },
    ])
  })
})

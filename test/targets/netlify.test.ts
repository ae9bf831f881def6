import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { netlifyCalls } from '../../src/targets/netlify-calls.ts'
import { netlify } from '../../src/targets/netlify.ts'
import { CANARY, fakeHost } from '../helpers/fake-host.ts'

type State = {
  published: string | null
  locked: boolean
  slow: boolean
  deploys: { id: string; state: string; title: string }[]
}

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'knowngood-test-')))
const empty: State = { published: null, locked: false, slow: false, deploys: [] }
const host = fakeHost(folder, 'netlify', empty)
const before = { ...process.env }
Object.assign(process.env, host.env, { NETLIFY_AUTH_TOKEN: CANARY })
const dir = join(folder, 'built')
mkdirSync(join(dir, 'dist'), { recursive: true })
writeFileSync(join(dir, 'dist/index.html'), 'one')

beforeEach(() => host.set(empty))
afterAll(() => {
  process.env = before
  rmSync(folder, { recursive: true, force: true })
})

const told = {
  site: 'mosaic',
  dir: 'dist',
  functions: null,
  filter: null,
  command: ['netlify'],
  token: 'NETLIFY_AUTH_TOKEN',
  askMs: 20_000,
  idleMs: 20_000,
  timeoutMs: 20_000,
}
const [good, next] = ['a'.repeat(40), 'b'.repeat(40)]
const {
  'netlify.deploy': deploy,
  'netlify.probe': probe,
  'netlify.undo': undo,
  'netlify.return': goBack,
} = netlifyCalls
const io = host.io
const place = { root: folder, git: { remote: 'origin', branch: 'main' } }
const options = (more: object = {}) => netlify.options.parse({ site: 'mosaic', dir: 'dist', ...more })
const context = {
  id: 'target.netlify',
  dir: '/tmp/built',
  commit: good,
  buildId: good,
  from: null,
  rewinds: false,
  remote: 'origin',
  branch: 'main',
  lock: null,
}

describe('a deploy to Netlify', () => {
  test('gives its own URL, is told from others after a crash, and is taken back by a restore', async () => {
    const first = await deploy({ told, dir, commit: good }, io('run-1'))
    expect(first).toEqual({ deployId: 'd1', url: 'https://d1--mosaic.netlify.app' })
    expect(await netlify.observe(options(), place)).toMatchObject({
      value: { settled: true, live: good, deployId: 'd1' },
    })
    const question = { told, was: 'd1', commit: next }
    expect(await probe(question, io('run-2'))).toMatchObject({ state: 'absent' })
    await deploy({ told, dir, commit: next }, io('run-2'))
    expect(await probe(question, io('run-2'))).toMatchObject({ state: 'done', gives: { deployId: 'd2' } })
    await undo(question, io('run-2'))
    expect(host.state()).toMatchObject({ published: 'd1' })
    await undo(question, io('run-2'))
    expect(host.state().deploys).toHaveLength(2)
  })

  test('goes back without a build where the host still has that commit, and deploys where it has not', async () => {
    await deploy({ told, dir, commit: good }, io('run-1'))
    await deploy({ told, dir, commit: next }, io('run-2'))
    const said = io('run-3')
    expect(await goBack({ told, dir: '/nowhere', commit: good }, said)).toMatchObject({ deployId: 'd1' })
    expect(said.lines.join('\n')).toContain('still has the deploy d1')
    expect(await goBack({ told, dir, commit: 'c'.repeat(40) }, io('run-4'))).toMatchObject({ deployId: 'd3' })
  })

  test('is left alone when somebody else has published since', async () => {
    host.set({ published: 'd9', deploys: [{ id: 'd9', state: 'ready', title: 'by hand' }] })
    expect(await probe({ told, was: 'd1', commit: next }, io('run-2'))).toMatchObject({ state: 'foreign' })
    await expect(undo({ told, was: 'd1', commit: next }, io('run-2'))).rejects.toMatchObject({ exit: 3 })
    expect(host.state().published).toBe('d9')
  })

  test('that asks is ended, and says what to add', async () => {
    host.set({ locked: true })
    const failing = deploy({ told: { ...told, idleMs: 600_000, timeoutMs: 600_000 }, dir, commit: good }, io('run-1'))
    await expect(failing).rejects.toThrow(/asked "\? Would you like to "unlock".*nobody is there to answer: .*locked/)
  })

  test('that the CLI refuses fails with what it says is wrong, not with its last words', async () => {
    const says = 'echo " ›   Error: Deployments are locked" >&2; echo "To deploy anyway, use another flag" >&2; exit 1'
    const failing = deploy(
      { told: { ...told, command: ['sh', '-c', says, 'netlify'] }, dir, commit: good },
      io('run-1'),
    )
    await expect(failing).rejects.toThrow(/ended with code 1: Error: Deployments are locked$/)
  })

  test('that was cut half way is cancelled by the undo, and never comes live later', async () => {
    await deploy({ told, dir, commit: good }, io('run-1'))
    host.set({ slow: true })
    await expect(deploy({ told: { ...told, idleMs: 400 }, dir, commit: next }, io('run-2'))).rejects.toThrow(
      /said nothing/,
    )
    expect(await probe({ told, was: 'd1', commit: next }, io('run-2'))).toMatchObject({ state: 'absent' })
    await undo({ told, was: 'd1', commit: next }, io('run-2'))
    expect(host.state()).toMatchObject({ published: 'd1', deploys: [{ id: 'd2', state: 'error' }, { id: 'd1' }] })
  })

  test('never shows its credential: not in the words, not in what it says', async () => {
    const said = io('run-1')
    await deploy({ told, dir, commit: good }, said)
    const step = netlify.deploy(options(), context)
    expect(`${JSON.stringify(step)}${said.lines.join('\n')}${JSON.stringify(host.state())}`).not.toContain(CANARY)
  })
})

describe('the step', () => {
  test('says by hand what it does', () => {
    const step = netlify.deploy(options(), context)
    expect(step.actions).toMatchObject([
      {
        byHand: [
          [
            'netlify',
            'deploy',
            '--prod',
            '--no-build',
            '--dir',
            '/tmp/built/dist',
            '--json',
            '--site',
            'mosaic',
            '--message',
            `Knowngood <run> ${good}`,
          ],
        ],
      },
    ])
    expect(step.gives).toContain('url')
  })

  test('is looked after: the CLI, the credential by its name, the site', async () => {
    expect(await netlify.doctor(options(), place)).toMatchObject([
      { ok: true },
      { ok: true, says: 'NETLIFY_AUTH_TOKEN is set' },
      { ok: true, says: 'mosaic is https://mosaic.netlify.app' },
    ])
    expect(await netlify.doctor(options({ site: 'nobody' }), place)).toMatchObject([{}, {}, { ok: false }])
    expect(await netlify.doctor(options({ token: 'NO_SUCH_TOKEN' }), place)).toMatchObject([
      {},
      { ok: false, fix: expect.stringContaining('Set NO_SUCH_TOKEN') },
    ])
    expect(await netlify.observe(options({ token: 'NO_SUCH_TOKEN' }), place)).toMatchObject({ ok: false })
  })

  test('is found by its file, the folder it publishes read from it', async () => {
    const files: Record<string, string> = {
      'netlify.toml': '[build]\n  publish = "dist"\n',
      '.netlify/state.json': '{"siteId":"00000000-0000-4000-8000-000000000001"}',
    }
    const read = async (path: string) => files[path] ?? null
    expect(await netlify.detect({ read, glob: async () => [] })).toMatchObject([
      { options: { site: '00000000-0000-4000-8000-000000000001', dir: 'dist' }, where: 'netlify.toml', unsure: [] },
    ])
  })
})

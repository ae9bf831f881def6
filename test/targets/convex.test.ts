import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { convexDeployArgs, convexTargetCalls } from '../../src/targets/convex-calls.ts'
import { convex } from '../../src/targets/convex.ts'
import { fakeHost } from '../helpers/fake-host.ts'
import { npmTool } from '../helpers/npm-tool.ts'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'knowngood-test-')))
const empty = { pushes: [] as string[], misfit: false, asks: false }
const host = fakeHost(folder, 'convex-deploy', empty)
const before = { ...process.env }
const key = 'prod:happy-sturgeon-123|canary-of-this-test'
const path = process.env['PATH']
Object.assign(process.env, host.env, { CONVEX_DEPLOY_KEY: key })

beforeEach(() => host.set(empty))
afterAll(() => {
  process.env = before
  rmSync(folder, { recursive: true, force: true })
})

const told = {
  deployment: 'happy-sturgeon-123',
  dir: '.',
  allow: [] as string[],
  command: ['convex'],
  token: 'CONVEX_DEPLOY_KEY',
  idleMs: 20_000,
  timeoutMs: 20_000,
}
const { 'convex.push': push, 'convex.unpush': unpush } = convexTargetCalls
const io = () => ({ ...host.io('run-1'), secret: () => key })
const place = { root: folder, git: { remote: 'origin', branch: 'main' } }

describe('a push to Convex', () => {
  test('goes to the deployment of the key, and says what the CLI says', async () => {
    const said = io()
    expect(await push({ told, dir: folder }, said)).toEqual({ pushed: true })
    expect(host.state().pushes).toEqual(['happy-sturgeon-123'])
    expect(said.lines.join('\n')).toContain('Deployed Convex functions')
  })

  test('is held when the key is of another deployment, and pushes nothing', async () => {
    const wrong = { ...told, deployment: 'brave-otter-9' }
    await expect(push({ told: wrong, dir: folder }, io())).rejects.toMatchObject({ exit: 3 })
    expect(host.state().pushes).toEqual([])
  })

  test('that old documents do not fit is told as a matter of the schema', async () => {
    host.set({ misfit: true })
    await expect(push({ told, dir: folder }, io())).rejects.toThrow(
      /the schema does not fit the data.*nothing was changed/,
    )
  })

  test('that would ask names what to add, and goes through with it', async () => {
    host.set({ asks: true })
    await expect(push({ told, dir: folder }, io())).rejects.toThrow(/add large-indexes or unstaging-schema to allow/)
    expect(await push({ told: { ...told, allow: ['large-indexes'] }, dir: folder }, io())).toEqual({ pushed: true })
  })

  test('is not said to be undone: the host has no rollback', async () => {
    await expect(unpush({ told, pushed: true })).rejects.toThrow(/no rollback/)
    expect(await unpush({ told, pushed: null })).toEqual({ pushed: false })
  })

  test('is looked after: the CLI, and a key of that deployment', async () => {
    const options = (deployment: string) => convex.options.parse({ deployment, command: ['convex'] })
    expect(await convex.doctor(options('happy-sturgeon-123'), place)).toMatchObject([{ ok: true }, { ok: true }])
    expect(await convex.doctor(options('brave-otter-9'), place)).toMatchObject([
      { ok: true },
      { ok: false, says: 'CONVEX_DEPLOY_KEY is the key of happy-sturgeon-123' },
    ])
  })
})

describe('the real Convex CLI', () => {
  test('understands every word, and refuses --prod', { timeout: 120_000 }, async (context) => {
    const tool = npmTool(join(folder, 'tool'), 'convex@1.48.0')
    if (typeof tool === 'string') return context.skip(tool)
    const project = join(folder, 'project')
    mkdirSync(project)
    writeFileSync(join(project, 'package.json'), '{"dependencies":{"convex":"1.48.0"}}')
    const run = (words: string[]) =>
      new Promise<string>((resolve) => {
        const env = { PATH: `${tool.bin}${delimiter}${path}`, HOME: folder, CI: '1' }
        execFile('convex', words, { cwd: project, env, timeout: 40_000 }, (_, out, err) => resolve(out + err))
      })
    const [, ...words] = convexDeployArgs({ ...told, allow: ['large-indexes', 'unstaging-schema'] })
    expect(await run([...words, '--bogus'])).toContain("error: unknown option '--bogus'")
    expect(await run(['deploy', '--prod'])).toContain("unknown option '--prod'")
  })
})

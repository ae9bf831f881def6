import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { netlifyCalls } from '../../src/targets/netlify-calls.ts'
import { hostTool } from '../helpers/host-tool.ts'
import { testIo } from '../helpers/io.ts'
import { netlifyApi } from '../helpers/netlify-api.ts'

/** The real Netlify CLI against a loopback server. It is 420 MB: one on PATH is used, and KNOWNGOOD_SLOW=1 installs it. */
const WANTED = 'netlify-cli@27.10.2'
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'knowngood-test-')))
const before = { ...process.env }
let api: Awaited<ReturnType<typeof netlifyApi>>
let cli: string | true = true

beforeAll(async () => {
  api = await netlifyApi()
  cli = hostTool(folder, 'netlify', WANTED)
  Object.assign(process.env, {
    HOME: folder,
    XDG_CONFIG_HOME: folder,
    NETLIFY_API_URL: api.url,
    NETLIFY_AUTH_TOKEN: 'canary-of-this-test',
  })
}, 600_000)
afterAll(() => {
  api.close()
  process.env = before
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
})

const told = {
  site: 'mosaic',
  dir: 'dist',
  functions: null,
  filter: null,
  command: ['netlify'],
  token: 'NETLIFY_AUTH_TOKEN',
  askMs: 60_000,
  idleMs: 60_000,
  timeoutMs: 120_000,
}
const [good, next] = ['a'.repeat(40), 'b'.repeat(40)]
const {
  'netlify.deploy': deploy,
  'netlify.probe': probe,
  'netlify.undo': undo,
  'netlify.capture': capture,
} = netlifyCalls
const io = (run: string) => ({ ...testIo(folder), run, secret: () => 'canary-of-this-test' })

describe('the real Netlify CLI', () => {
  test('deploys, says which deploy is live, and restores the one before', { timeout: 300_000 }, async (context) => {
    if (typeof cli === 'string') return context.skip(cli)
    const dir = join(folder, 'built')
    mkdirSync(join(dir, 'dist'), { recursive: true })
    writeFileSync(join(dir, 'dist/index.html'), 'one')
    expect(await capture({ told }, io('run-1'))).toEqual({ deployId: null, url: null })
    const first = await deploy({ told, dir, commit: good }, io('run-1'))
    expect(first).toMatchObject({ url: 'https://deploy1--mosaic.netlify.app' })
    expect(await capture({ told }, io('run-2'))).toEqual(first)

    writeFileSync(join(dir, 'dist/index.html'), 'two')
    const was = String(first['deployId'])
    expect(await probe({ told, was, commit: next }, io('run-2'))).toMatchObject({ state: 'absent' })
    const second = await deploy({ told, dir, commit: next }, io('run-2'))
    expect(await probe({ told, was, commit: next }, io('run-2'))).toMatchObject({ state: 'done', gives: second })
    await undo({ told, was, commit: next }, io('run-2'))
    expect(api.state.published).toBe(was)

    // Its stdin is closed: it asks whether to unlock, and ends by itself.
    api.state.locked = true
    await expect(deploy({ told, dir, commit: next }, io('run-3'))).rejects.toThrow(/asked|ended with code 1/)
    expect(api.state.published).toBe(was)
  })
})

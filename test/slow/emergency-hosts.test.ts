import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { CANARY, fakeHost } from '../helpers/fake-host.ts'
import { needed } from '../helpers/needed.ts'
import { realPm2 } from '../helpers/pm2.ts'
import { releasedAndCut, serving } from '../helpers/released.ts'

/** Every kind of host that is not the remote takes the code back without it. `npm run test:slow` goes through them. */
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'knowngood-test-')))
const before = { ...process.env }
const CONFIRMED = ['--confirm=mosaic-production', '--reason', 'the remote is gone too'] as const

afterAll(() => {
  process.env = before
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
})

describe.runIf(process.env['KNOWNGOOD_SLOW'] === '1')('break glass without the remote', { timeout: 120_000 }, () => {
  serving()

  test('on Netlify', async () => {
    const host = fakeHost(folder, 'netlify', { published: 'd0', locked: false, slow: false, deploys: [] })
    Object.assign(process.env, host.env, { NETLIFY_AUTH_TOKEN: CANARY })
    const { site, good } = await releasedAndCut('{ use: netlify, site: mosaic, dir: "." }', {
      check: '{ run: ["true"] }',
    })
    const { exit, err } = await site.kg('emergency', ...CONFIRMED)
    expect([exit, err]).toEqual([0, expect.anything()])
    expect(host.state()).toMatchObject({ published: 'd1', deploys: [{ title: expect.stringContaining(good) }] })
  })

  test('on PM2', async (context) => {
    const pm2 = needed(context, realPm2(folder))
    Object.assign(process.env, pm2.env)
    try {
      const ecosystem =
        "module.exports = { apps: [{ name: 'api', script: './server.cjs', cwd: __dirname, max_restarts: 1 }] }"
      const { site, good } = await releasedAndCut('{ use: pm2, place: production, apps: [api] }', {
        check: '{ run: ["sh", "-c", "grep -q $KNOWNGOOD_BUILD_ID production/current/index.html"] }',
        files: { 'ecosystem.config.cjs': ecosystem, 'server.cjs': 'setInterval(() => {}, 1000)\n' },
      })
      const { exit, out } = await site.kg('emergency', ...CONFIRMED)
      expect([exit, out]).toEqual([0, expect.stringContaining(`${good}:refs/heads/prod-current`)])
      expect(pm2.run('jlist')).toContain('"status":"online"')
    } finally {
      pm2.end()
    }
  })
})

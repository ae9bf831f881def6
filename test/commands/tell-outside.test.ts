import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { tellOutside } from '../../src/commands/tell-outside.ts'
import { type Notice, noticeOfRun } from '../../src/core/notice.ts'
import { projectAt } from '../helpers/project.ts'
import { temporaryFolder } from '../helpers/repository.ts'
import { restorable } from '../helpers/restorable.ts'

const notice: Notice = {
  schema: 1,
  event: 'failure',
  project: 'mosaic',
  environment: 'production',
  op: 'backup',
  title: 'Full backup',
  run: 'backup-20251121_120431Z-ab12',
  outcome: 'undone',
  exit: 4,
  says: ['database: it is $(touch pwn) down'],
  operator: 'ana',
  host: 'laptop',
  at: '2025-11-21T12:04:31.000Z',
}

const matching = (words: RegExp) => expect.stringMatching(words) as string

const open: (() => void)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
  delete process.env['TEST_HOOK_URL']
  delete process.env['TEST_HOOK_KEY']
})

/** A webhook on loopback that answers as told (never, with null) and keeps what it was sent. */
async function webhook(status: number | null) {
  const got: { body: string; signature: string | undefined }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      got.push({ body, signature: request.headers['x-knowngood-signature-256'] as string | undefined })
      if (status !== null) response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end()
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  open.push(() => {
    server.closeAllConnections()
    server.close()
  })
  process.env['TEST_HOOK_URL'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/token-abcdef`
  process.env['TEST_HOOK_KEY'] = 'a key of some length'
  return got
}

function project(change: { hook?: string[]; timeoutMs?: number; webhook?: boolean } = {}) {
  const { hook, timeoutMs = 5000 } = change
  return projectAt(temporaryFolder(), {
    hooks: { on: { success: [], failure: hook === undefined ? [] : [hook], stale: [] }, timeoutMs },
    notify:
      change.webhook === true
        ? { webhook: 'TEST_HOOK_URL', secret: 'TEST_HOOK_KEY', on: ['failure'], timeoutMs: 400 }
        : null,
  })
}

describe('the webhook', () => {
  it('is sent the notice, signed over the very bytes', async () => {
    const got = await webhook(204)
    expect(await tellOutside(project({ webhook: true }), notice)).toEqual([])
    expect(JSON.parse(got[0]?.body ?? '')).toEqual(notice)
    const hmac = createHmac('sha256', 'a key of some length').update(got[0]?.body ?? '')
    expect(got[0]?.signature).toBe(`sha256=${hmac.digest('hex')}`)
  })

  it('hears only what it asked for', async () => {
    const got = await webhook(204)
    expect(await tellOutside(project({ webhook: true }), { ...notice, event: 'success' })).toEqual([])
    expect(got).toEqual([])
  })

  it.each([
    [500, 'it answered 500'],
    [302, 'it answered 302'],
    [null, 'no answer within 0.4 s'],
  ])('fault 62: answers %s, and that is a warning which does not name its address', async (status, why) => {
    await webhook(status)
    const [warning = ''] = await tellOutside(project({ webhook: true }), notice)
    expect(warning).toBe(`The webhook $TEST_HOOK_URL was not told: ${why}`)
    expect(warning).not.toContain('token-abcdef')
  })

  it('without its variable is a warning that names the variable', async () => {
    const [warning] = await tellOutside(project({ webhook: true }), notice)
    expect(warning).toMatch(/The variable TEST_HOOK_\w+ is not set/)
  })
})

describe('a hook', () => {
  it('is given variables, and the notice on stdin, as data', async () => {
    const given = project()
    const hook = join(given.root, 'hook.sh')
    await writeFile(
      hook,
      '#!/bin/sh\nprintf "%s|%s|%s\\n" "$KNOWNGOOD_EVENT" "$KNOWNGOOD_OP" "$KNOWNGOOD_SAYS" > told\ncat >> told\n',
    )
    await chmod(hook, 0o755)
    const hooks = { ...given.hooks, on: { ...given.hooks.on, failure: [['./hook.sh']] } }
    expect(await tellOutside({ ...given, hooks }, notice)).toEqual([])
    const [line, json = ''] = (await readFile(join(given.root, 'told'), 'utf8')).split('\n')
    expect(line).toBe('failure|backup|database: it is $(touch pwn) down')
    expect(JSON.parse(json)).toEqual(notice)
  })

  it('fault 62: that hangs is ended, and that is a warning', async () => {
    const [warning] = await tellOutside(project({ hook: ['sleep', '600'], timeoutMs: 300 }), notice)
    expect(warning).toMatch(/^The hook sleep failed: /)
  })

  it('fault 62: that fails, never ends its words or reads nothing changes no result, and JSON tells of it, too', async () => {
    const hooks = 'hooks: { timeout: 1s, on_success: [["false"], ["yes"]], on_stale: ["false"] }\n'
    const site = await restorable({ config: hooks })
    const { exit, json } = await site.kg('backup', 'quick', '--json')
    expect([exit, json]).toMatchObject([0, { ok: true, warnings: [/ended with code 1/, /took longer/].map(matching) }])
    const { exit: stale, json: found } = await site.kg('check', '--json')
    expect([stale, found]).toMatchObject([3, { warnings: [matching(/ended with code 1/)] }])
  })

  it('that fails or is missing is a warning', async () => {
    expect((await tellOutside(project({ hook: ['false'] }), notice))[0]).toContain('ended with code 1')
    expect((await tellOutside(project({ hook: ['./not-there.sh'] }), notice))[0]).toContain('./not-there.sh')
  })
})

describe('the notice of a run', () => {
  const plan = { op: 'backup', title: 'Full backup', names: { run: 'r' } } as const
  const who = { operator: 'ana', host: 'laptop', at: notice.at }

  it('is a failure whenever the exit code is not 0, with what failed and what is owed', () => {
    const made = noticeOfRun(notice, plan, { exit: 4, outcome: 'undone', error: 'disk full', owed: ['Prune'] }, who)
    expect(made).toMatchObject({ event: 'failure', says: ['disk full', 'still owed: Prune'] })
    expect(noticeOfRun(notice, plan, { exit: 0, outcome: 'done', error: null, owed: [] }, who)?.event).toBe('success')
  })

  it('is none for what only reads', () => {
    const silent = { ...plan, op: 'verify-live' } as const
    expect(noticeOfRun(notice, silent, { exit: 7, outcome: 'halted', error: 'x', owed: [] }, who)).toBeNull()
  })
})

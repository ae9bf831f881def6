import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { liveCalls } from '../../src/calls/live.ts'
import { testIo } from '../helpers/io.ts'
import { temporaryFolder } from '../helpers/temp.ts'

/** A script that answers wrongly so many times before it is content. */
function script(wrongTimes: number): string {
  const root = temporaryFolder()
  mkdirSync(join(root, '.knowngood'))
  const text = `#!/bin/sh\necho x >> asked\n[ "$(wc -l < asked)" -gt ${wrongTimes} ] && [ "$KNOWNGOOD_BUILD_ID" = abc ]\n`
  writeFileSync(join(root, 'live.sh'), text, { mode: 0o755 })
  return root
}

const verify = (root: string, timeoutMs: number) =>
  liveCalls['live.verify'](
    { checks: [{ kind: 'run', run: ['./live.sh'], timeoutMs: 5000 }], buildId: 'abc', reads: 3, timeoutMs },
    testIo(root),
  )

describe('a live check that is a command alone', () => {
  it('is asked again while the host settles', async () => {
    await expect(verify(script(2), 30_000)).resolves.toMatchObject({ buildId: 'abc' })
  })

  it('fails when it is still wrong at the end of the time, and has answered', async () => {
    await expect(verify(script(99), 600)).rejects.toMatchObject({ answered: true, message: './live.sh ended with 1' })
  })
})

const MARK = '<!-- BUILD_ID:{id} -->'

/** A host that answers as the list says, one answer a read, the last for ever. */
async function host(
  answers: readonly { status: number; body: string; to?: string }[],
  contains: string | null = MARK,
  cached: string | null = null,
) {
  let read = 0
  const server = createServer((request, response) => {
    // A cache in front of it, which only a read like any visitor's meets.
    if (cached !== null && request.url === '/') return void response.end(cached)
    const { status, body, to } = answers[Math.min(read, answers.length - 1)] ?? { status: 500, body: '' }
    read += 1
    response.writeHead(status, to === undefined ? {} : { location: to }).end(body)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const root = temporaryFolder()
  mkdirSync(join(root, '.knowngood'))
  const checks = [{ kind: 'url' as const, url, contains, status: 200, timeoutMs: 2000 }]
  const io = testIo(root)
  const found = await liveCalls['live.verify']({ checks, buildId: 'abc', reads: 3, timeoutMs: 1500 }, io)
  return { ...found, lines: io.lines }
}

const good = { status: 200, body: '<!-- BUILD_ID:abc -->' }
const old = { status: 200, body: '<!-- BUILD_ID:old -->' }

describe('fault 64: a live site that', () => {
  it('needs a moment is proven by true reads in a row', async () => {
    await expect(host([old, { status: 502, body: '' }, good])).resolves.toMatchObject({ buildId: 'abc', reads: 3 })
  })

  it('is said to serve a BUILD_ID only where a check names it', async () => {
    expect((await host([good])).lines.at(-1)).toBe('read 3 of 3: BUILD_ID abc is live')
    expect((await host([good], null)).lines.at(-1)).toBe('read 3 of 3: production answers')
  })

  it('serves the new page, and the old one out of a cache to those who visit it, is not', async () => {
    await expect(host([good], MARK, old.body)).rejects.toMatchObject({
      name: 'NotProven',
      message: expect.stringContaining('a cache in front of it serves something else than the host'),
    })
  })

  it.each([
    ['flaps between old and new', [good, old, good, good, old, good, good, old, good, old]],
    ['serves the old page', [old]],
    ['answers 200 with an error', [{ status: 200, body: 'Internal Server Error' }]],
    ['answers the right page with another status', [{ ...good, status: 500 }]],
    ['sends us elsewhere', [{ status: 302, body: '', to: 'http://127.0.0.1:1/' }]],
  ])('%s is not', async (_, answers) => {
    await expect(host(answers)).rejects.toMatchObject({ name: 'NotProven' })
  })
})

import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { decide } from '../../src/commands/decide.ts'
import { planPublish } from '../../src/plans/publish.ts'
import { runKilled } from '../helpers/killed.ts'
import { TOKEN } from '../helpers/github.ts'
import { github, publishing } from '../helpers/publishing.ts'

const there = github()
const fixture = join(import.meta.dirname, '..', 'fixtures', 'killed-run.ts')
const SECONDS = 30_000

test(
  'fault 61: a server that goes away in the middle of an upload; the next try completes the same draft',
  { timeout: SECONDS },
  async () => {
    const { bundle, publish, names } = publishing(there().tags, 3_000_000)
    await bundle()
    const tar = names('.tar.gz')[0] ?? ''
    there().trouble.cut = { name: tar, after: 500_000 }
    const cut = await publish()
    expect([cut.exit, cut.data['failedStep']]).toEqual([5, 'Upload'])
    expect(cut.lines.join('\n')).toMatch(/Upload .*\.tar\.gz: http:.* cannot be reached/)
    expect(cut.lines.at(-1)).toBe('What is there stays: knowngood publish v1.0.1 goes on from it.')
    expect(await there().releases()).toMatchObject([{ draft: true }])
    // GitHub keeps the name of a half upload: it stands in the way of the next one until it is removed.
    expect(there().kept).toMatchObject([{ name: tar, whole: false }])
    const again = await publish()
    expect(again).toMatchObject({ exit: 0, data: { kept: 0 } })
    expect(await there().releases()).toMatchObject([{ draft: false }])
    expect(there().kept.map(({ name, whole }) => [name, whole])).toEqual([
      [tar, true],
      [tar.replace('.tar.gz', '.lock.json'), true],
      ['SHA256SUMS', true],
    ])
  },
)

test(
  'fault 61: cut after the first asset, made again on another machine: what it left in the draft is replaced',
  { timeout: SECONDS },
  async () => {
    const { bundle, publish, names, root } = publishing(there().tags)
    await bundle()
    const first = names('.tar.gz')[0] ?? ''
    there().trouble.cut = { name: 'SHA256SUMS', after: 1 }
    expect((await publish()).exit).toBe(5)
    // A clean checkout has none of it; the same commit gives the same bytes under another time.
    const text = readFileSync(join(root, 'releases', first.replace('.tar.gz', '.lock.json')), 'utf8')
    writeFileSync(
      join(root, 'releases', first.replace('.tar.gz', '.lock.json')),
      text.replace('"version": "1.0.1"', '"version": "0.9.0"'),
    )
    await bundle()
    const second = names('.tar.gz').find((name) => name !== first) ?? ''
    expect((await publish()).exit).toBe(0)
    expect(
      there()
        .kept.map(({ name }) => name)
        .toSorted(),
    ).toEqual(['SHA256SUMS', second.replace('.tar.gz', '.lock.json'), second])
  },
)

test(
  'fault 61: killed once the draft is made, resumed by its journal: one release, published',
  { timeout: SECONDS },
  async () => {
    const { bundle, context, project, root } = publishing(there().tags)
    await bundle()
    const facts = await context.facts()
    const given = { api: there().url, token: 'GITHUB_TOKEN' }
    const request = { tag: 'v1.0.1', recordUrl: false }
    const plan = planPublish(project, facts, request, given, await decide(context, project, 'publish'))
    const file = join(root, '.knowngood', 'plan.json')
    writeFileSync(file, JSON.stringify(plan))
    const run = async (...how: string[]) =>
      new Promise<{ signal: string | null; out: string }>((done) => {
        execFile(process.execPath, ['--no-warnings', fixture, root, file, ...how], (error, out) =>
          done({ signal: error?.signal ?? null, out }),
        )
      })
    for (const what of ['publish.draft', 'publish.upload', 'publish.release']) {
      const killed = await run(what === 'publish.draft' ? 'run' : 'resume', 'after', what)
      expect([what, killed.signal]).toEqual([what, 'SIGKILL'])
    }
    expect(JSON.parse((await run('resume', 'never', '')).out)).toMatchObject({ exit: 0, outcome: 'done' })
    expect(await there().releases()).toMatchObject([{ draft: false }])
    expect(there().kept).toHaveLength(3)
  },
)

test(
  'fault 4: killed when the release is public, it is not put back any more, and a resume finds it so',
  { timeout: SECONDS },
  async () => {
    const { bundle, context, project, root } = publishing(there().tags)
    await bundle()
    const given = { api: there().url, token: 'GITHUB_TOKEN' }
    const request = { tag: 'v1.0.1', recordUrl: false }
    const plan = planPublish(project, await context.facts(), request, given, await decide(context, project, 'publish'))
    expect(await runKilled(root, plan, 'run', { when: 'acted', step: 'publish' })).toMatchObject({ killed: true })
    expect((await runKilled(root, plan, 'undo', null)).err).toContain('it is public: forward only')
    const uploads = there().seen.length
    expect(await runKilled(root, plan, 'resume', null)).toMatchObject({ exit: 0, outcome: 'done', owed: [] })
    expect(
      there()
        .seen.slice(uploads)
        .filter((line) => /^(POST|PATCH|DELETE)/.test(line)),
    ).toEqual([])
  },
)

test(
  'fault 61: a name that GitHub says is taken is told of, and nothing is published',
  { timeout: SECONDS },
  async () => {
    const { bundle, publish } = publishing(there().tags)
    await bundle()
    there().trouble.cut = { name: 'SHA256SUMS', after: 1 }
    await publish()
    const [draft] = await there().releases()
    there().kept.push({ id: 70_000, name: 'SHA256SUMS', bytes: Buffer.from('x'), whole: true, release: draft?.id ?? 0 })
    const { exit, lines } = await publish()
    expect([exit, lines[0]]).toEqual([
      5,
      expect.stringMatching(/Upload SHA256SUMS: GitHub answers 422 .*already_exists/),
    ])
    expect(await there().releases()).toMatchObject([{ draft: true }])
  },
)

test('fault 61: an asset that reads back differently is never published', { timeout: SECONDS }, async () => {
  const { bundle, publish, names } = publishing(there().tags)
  await bundle()
  there().trouble.spoil = names('.tar.gz')[0] ?? ''
  const { exit, lines } = await publish()
  expect([exit, lines[0]]).toEqual([
    5,
    expect.stringMatching(/Check it back: .*\.tar\.gz reads back as [0-9a-f]{64}, not/),
  ])
  expect(await there().releases()).toMatchObject([{ draft: true }])
})

test.each([true, false])(
  'fault 61: what is published is kept or held, never replaced (hashes told: %s)',
  { timeout: SECONDS },
  async (told) => {
    const { bundle, publish, names, root } = publishing(there().tags)
    Object.assign(there().trouble, { digests: told })
    await bundle()
    expect((await publish()).exit).toBe(0)
    expect((await publish()).data['kept']).toBe(3)
    const before = there().kept.map(({ bytes }) => bytes.toString('base64'))
    const lock = join(root, 'releases', names('.lock.json')[0] ?? '')
    writeFileSync(lock, readFileSync(lock, 'utf8').replace('"notes": null', '"notes": "later"'))
    const held = await publish()
    expect([held.exit, held.data['outcome']]).toEqual([3, 'held'])
    expect(held.lines[0]).toMatch(/v1\.0\.1 is published already: with another mosaic-v1\.0\.1-.*\.lock\.json/)
    expect(there().kept.map(({ bytes }) => bytes.toString('base64'))).toEqual(before)
  },
)

test('a bundle that is not what its lock file says is not published', { timeout: SECONDS }, async () => {
  const { bundle, publish, names, root } = publishing(there().tags)
  await bundle()
  const tar = join(root, 'releases', names('.tar.gz')[0] ?? '')
  const bytes = readFileSync(tar)
  bytes[200] = (bytes[200] ?? 0) ^ 1
  writeFileSync(tar, bytes)
  expect(await publish()).toMatchObject({ exit: 3, lines: [expect.stringContaining('is not what its lock file says')] })
  expect(there().seen).toEqual([])
})

test('GitHub has the last word on where a tag stands', { timeout: SECONDS }, async () => {
  const { bundle, publish } = publishing(there().tags)
  await bundle()
  there().tags.set('v1.0.1', '0123456789012345678901234567890123456789')
  expect((await publish()).lines[0]).toMatch(/v1\.0\.1 is on another commit there: it stands on 0123456/)
  there().tags.clear()
  expect((await publish()).lines[0]).toContain('v1.0.1 is not on GitHub: push it: git push origin v1.0.1')
  expect(await there().releases()).toEqual([])
})

test.each([
  [{ status: 401, message: 'Bad credentials' }, /The token in GITHUB_TOKEN is refused by http.*: 401 Bad credentials/],
  [{ status: 403, message: 'Resource not accessible' }, /The token in GITHUB_TOKEN may not do this in ana\/mosaic/],
  [
    {
      status: 403,
      message: 'API rate limit exceeded',
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1763727000' },
    },
    /takes no more requests for now: its rate limit holds until 12:10 UTC/,
  ],
  [{ status: 429, message: 'Slow down', headers: { 'retry-after': '60' } }, /its rate limit holds for 60 s/],
  [{ status: 404, message: 'Not Found' }, /ana\/mosaic is not found on http/],
])('GitHub answers %o: it is held, with the reason', { timeout: SECONDS }, async (refuse, says) => {
  const { bundle, publish } = publishing(there().tags)
  await bundle()
  there().trouble.refuse = refuse
  expect(await publish()).toMatchObject({ exit: 3, lines: [expect.stringMatching(says)] })
})

test('fault 67: the token is in no file, line or document', { timeout: SECONDS }, async () => {
  const { bundle, publish, root } = publishing(there().tags)
  await bundle()
  there().trouble.refuse = { status: 401, message: `Bad credentials ${TOKEN}` }
  const refused = await publish()
  there().trouble.refuse = null
  const done = await publish()
  expect([refused.exit, done.exit]).toEqual([3, 0])
  expect(JSON.stringify([refused, done])).not.toContain(TOKEN)
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const holding = files.filter((entry) => readFileSync(join(entry.parentPath, entry.name)).includes(TOKEN))
  expect(holding.map(({ name }) => name)).toEqual([])
})

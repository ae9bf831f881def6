import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run as publishVerb } from '../../src/commands/publish.ts'
import { calls } from '../../src/calls/registry.ts'
import { decide } from '../../src/commands/decide.ts'
import { planPublish } from '../../src/plans/publish.ts'
import { executePlan } from '../../src/run/execute.ts'
import { recentAudit } from '../../src/records/audit-log.ts'
import { temporaryFolder } from '../helpers/temp.ts'
import { github, publishing } from '../helpers/publishing.ts'

const there = github()
const URL = () => `${there().url}/ana/mosaic/releases/tag/v1.0.1`

test('a bundle becomes a release: drafted with notes, uploaded, read back, published last', async () => {
  const { bundle, publish, lock, root } = publishing(there().tags)
  await bundle()
  const { exit, data, lines } = await publish()
  expect([exit, data['success'], data['releaseUrl']]).toEqual([0, true, URL()])
  expect(lines).toEqual([`v1.0.1 is published: ${URL()}`, '3 assets read back, byte for byte.'])
  const assets = data['assets'] as { name: string; sha256: string; bytes: number }[]
  expect(assets.map(({ name }) => name)).toEqual([
    expect.stringMatching(/^mosaic-v1\.0\.1-.*\.tar\.gz$/),
    expect.stringMatching(/^mosaic-v1\.0\.1-.*\.lock\.json$/),
    'SHA256SUMS',
  ])
  const [release] = await there().releases()
  expect(release).toMatchObject({ draft: false, tag_name: 'v1.0.1', html_url: URL() })
  expect(String(release?.['body'])).toContain('release notes')
  // The page of a draft has another address; what is kept is the one people will read.
  expect(lock()['release_url']).toBe(URL())
  const { seen } = there()
  const made = (what: RegExp) => seen.findIndex((line) => what.test(line))
  const last = seen.findLastIndex((line) => line.startsWith('POST /uploads/'))
  expect(made(/^POST .*\/releases$/)).toBeLessThan(last)
  expect(last).toBeLessThan(made(/^PATCH /))
  expect((await recentAudit(root))[0]?.says).toBe('Published: v1.0.1')
})

test('who downloads the three checks them with sha256sum alone, and so does who made them', async () => {
  const { bundle, publish, root } = publishing(there().tags)
  await bundle()
  await publish()
  const folder = temporaryFolder()
  for (const { name, bytes } of there().kept) writeFileSync(join(folder, name), bytes)
  const check = (cwd: string) =>
    execFileSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd, encoding: 'utf8' })
  expect(check(folder).match(/: OK/g)).toHaveLength(2)
  expect(check(join(root, 'releases'))).toContain('OK')
  const sums = readFileSync(join(folder, 'SHA256SUMS'), 'utf8')
  // The same commit packed again has another name and the same bytes: there is nothing to publish.
  await bundle()
  expect(await publish()).toMatchObject({
    exit: 0,
    lines: [expect.anything(), expect.stringMatching(/^1 asset read back.*already/)],
  })
  expect(
    there()
      .kept.find(({ name }) => name === 'SHA256SUMS')
      ?.bytes.toString(),
  ).toBe(sums)
}, 20_000)

test('publishing again changes nothing and says that all of it was there', async () => {
  const { bundle, publish } = publishing(there().tags)
  await bundle()
  await publish()
  there().seen.splice(0)
  // The newest bundle of that version and commit is the one that was published.
  const again = await publish()
  expect(again.exit).toBe(0)
  expect(again.lines[1]).toBe('3 assets read back, byte for byte, all of them there already.')
  expect(there().seen.filter((line) => !line.startsWith('GET '))).toEqual([])
})

test('a release that was made by hand is filled and kept; its address alone can be recorded', async () => {
  const { bundle, publish, lock } = publishing(there().tags)
  await bundle()
  await expect(publish('v1.0.1', { recordUrl: true })).resolves.toMatchObject({ exit: 3 })
  const body = JSON.stringify({ tag_name: 'v1.0.1', name: 'By hand', body: 'Hand-written notes' })
  const headers = { authorization: `token ${process.env['GITHUB_TOKEN']}`, 'content-type': 'application/json' }
  await fetch(`${there().url}/repos/ana/mosaic/releases`, { method: 'POST', headers, body })
  const recorded = await publish('v1.0.1', { recordUrl: true })
  expect(recorded).toMatchObject({ exit: 0, data: { releaseUrl: URL(), assets: [] } })
  expect([lock()['release_url'], there().kept]).toEqual([URL(), []])
  expect((await publish()).exit).toBe(0)
  const releases = await there().releases()
  expect(releases).toMatchObject([{ name: 'By hand', body: 'Hand-written notes', draft: false }])
  expect(there().kept).toHaveLength(3)
}, 20_000)

test('a tag unlike the version of the bundle is refused, and both are named', async () => {
  const { bundle, publish, commit, sh } = publishing(there().tags)
  await expect(publish()).rejects.toMatchObject({ exit: 3, next: ['knowngood bundle, where v1.0.1 is checked out'] })
  await bundle()
  await expect(publish('v1.0.2')).rejects.toMatchObject({
    exit: 3,
    why: 'v1.0.2 is not the version of a bundle: the newest is of 1.0.1',
  })
  commit('More', { 'a.txt': 'x' })
  sh('tag', '--force', 'v1.0.1')
  await expect(publish()).rejects.toMatchObject({
    exit: 3,
    why: expect.stringMatching(/^v1\.0\.1 stands on .*, the bundle is of/) as unknown,
  })
  expect(there().seen).toEqual([])
}, 20_000)

test('the plan is shown without asking GitHub, with what each step is by hand', async () => {
  const { bundle, context } = publishing(there().tags)
  await bundle()
  const { lines, exit } = await publishVerb({ ...context, dryRun: true }, ['v1.0.1'], {})
  expect(exit).toBe(0)
  expect(lines.join('\n')).toContain('gh release create v1.0.1 --draft --generate-notes --verify-tag --repo ana/mosaic')
  expect(there().seen).toEqual([])
})

test('the repository is read from the remote, and one of another host is asked for', async () => {
  const { bundle, context, project, sh } = publishing(there().tags)
  await bundle()
  Object.assign(project, { github: { repository: null, api: null, token: null } })
  await expect(publishVerb(context, ['v1.0.1'], {})).rejects.toThrow(/does not say which repository on GitHub/)
  sh('remote', 'set-url', 'origin', 'git@github.com:ana/mosaic.git')
  expect((await publishVerb({ ...context, dryRun: true }, ['v1.0.1'], {})).data['plan']).toMatchObject({
    holds: [],
    names: { repository: 'ana/mosaic' },
  })
  Object.assign(project, { github: { repository: null, api: 'https://api.github.com', token: 'NOT_SET_HERE' } })
  sh('remote', 'set-url', 'origin', 'https://gitlab.example/ana/mosaic.git')
  await expect(publishVerb(context, ['v1.0.1'], {})).rejects.toThrow(
    /which repository on GitHub.*NOT_SET_HERE is not set/,
  )
})

test('an upload says how far it is, in bytes', { timeout: 20_000 }, async () => {
  const { bundle, context, project, root } = publishing(there().tags, 1_000_000)
  await bundle()
  const given = { api: there().url, token: 'GITHUB_TOKEN' }
  const decided = await decide(context, project, 'publish')
  const plan = planPublish(project, await context.facts(), { tag: 'v1.0.1', recordUrl: false }, given, decided)
  const told: { done: number; total: number | null }[] = []
  const result = await executePlan({
    root,
    plan,
    answers: {},
    calls,
    by: 'ana',
    sink: (event) => {
      if (event.t === 'bytes' && event.step === 'upload.bundle') told.push({ done: event.done, total: event.total })
    },
  })
  expect(result).toMatchObject({ exit: 0, outcome: 'done' })
  const bytes = there().kept[0]?.bytes.length ?? 0
  expect(told.length).toBeGreaterThan(1)
  expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).toSorted((a, b) => a - b))
  expect(told.at(-1)).toEqual({ done: bytes, total: bytes })
})

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { allSteps } from '../../../src/core/plan.ts'
import type { Plan } from '../../../src/core/plan.ts'
import { convex } from '../../../src/sources/convex.ts'
import { fakeConvex } from '../../helpers/convex.ts'
import { needed } from '../../helpers/needed.ts'
import { temporaryFolder } from '../../helpers/repository.ts'
import { roundTrip, sourceAtWork } from '../../helpers/source-round-trip.ts'

const zip = spawnSync('zip', ['-v']).status === 0 ? true : 'zip is missing: apt-get install zip unzip'

beforeEach((context) => void needed(context, zip))
afterEach(() => vi.unstubAllEnvs())

const messages = [
  { _id: 'm1', _creationTime: 1_795_245_438_196.5, text: 'Hello' },
  { _id: 'm2', _creationTime: 1_795_245_438_197, text: 'A line\nbreak' },
]
const users = [{ _id: 'u1', _creationTime: 1, name: 'Ana' }]

function production(more: Record<string, unknown> = {}) {
  const root = temporaryFolder()
  const live = fakeConvex(join(root, 'cloud'), 'happy-sturgeon-123')
  for (const [name, value] of Object.entries(live.env)) vi.stubEnv(name, value)
  writeFileSync(join(root, 'package.json'), '{"dependencies":{"convex":"1"}}')
  live.put({ messages, users, drafts: [] })
  const options = { deployment: 'happy-sturgeon-123', command: ['convex'], ...more }
  const told = { source: convex as never, options, root, name: 'convex' }
  return { root, live, told, work: sourceAtWork(told) }
}

describe('a deployment', () => {
  test('is exported, counted, changed, imported again, and put back', async () => {
    const { live, told } = production()
    await roundTrip(told, live.tables, () => live.put({ messages: [], users: [{ _id: 'u2', name: 'Ben' }] }))
  })

  test('is one zip with its documents counted by table; stored files are named when they are left out', async () => {
    const { work, live } = production()
    live.put({ _storage: [{ _id: 's1' }] })
    const { parts, leftOut } = await work.capture()
    expect(parts).toMatchObject([
      { path: 'database/convex.zip', counts: { messages: 2, users: 1, drafts: 0 }, unsettled: [] },
    ])
    expect(leftOut).toEqual(['stored files: set fileStorage to take them along'])
    const all = production({ fileStorage: true })
    all.live.put({ _storage: [{ _id: 's1' }] })
    const whole = await all.work.capture()
    expect(whole).toMatchObject({ leftOut: [], parts: [{ counts: { messages: 2, _storage: 1 } }] })
  })

  test('is doubted when a table has gone empty', async () => {
    const { work, live } = production()
    const { parts } = await work.capture()
    live.put({ messages: [] })
    rmSync(join(work.stage, 'database'), { recursive: true })
    expect((await work.capture(parts)).doubts).toContain('messages went empty (was 2 documents)')
  })

  test('keeps what a restore replaced as an export of its own', async () => {
    const { work, live, root } = production()
    const { parts } = await work.capture()
    live.put({ messages: [] })
    const kept = await work.restore(parts)
    expect(kept).toMatchObject({ file: expect.stringMatching(/^\.knowngood\/undo\/[^/]+\/convex\.zip$/) })
    const [run = ''] = readdirSync(join(root, '.knowngood/undo'))
    expect(readdirSync(join(root, '.knowngood/undo', run)).toSorted()).toEqual(['convex.zip', 'convex.zip.begun'])
  })

  test('loses tables that are newer than the backup only where that is asked for', async () => {
    for (const [replace, names] of [
      ['tables', ['drafts', 'messages', 'newer', 'users']],
      ['all', ['drafts', 'messages', 'users']],
    ] as const) {
      const { work, live } = production({ replace })
      const { parts } = await work.capture()
      live.put({ newer: [{ _id: 'n1' }] })
      await work.restore(parts)
      expect(Object.keys(live.tables()).toSorted()).toEqual(names)
    }
  })

  test('is imported by the lines of the manifest, from the folder of the backup, into what is named', async () => {
    const { work, live, root, told } = production()
    const { parts } = await work.capture()
    live.put({ messages: [] })
    execFileSync('git', ['init', '--quiet', root])
    const [line = ''] = parts.flatMap((part) => convex.manual(convex.options.parse(told.options), part))
    const run = (env: Record<string, string>) =>
      spawnSync('bash', ['-euc', line], { cwd: work.stage, env: { ...process.env, ...env } }).status
    expect(run({})).not.toBe(0)
    expect(live.tables()['messages']).toEqual([])
    expect(run({ DEPLOYMENT: 'happy-sturgeon-123' })).toBe(0)
    expect(live.tables()['messages']).toEqual(messages)
  })

  test('is named by every step of a backup and a restore', async () => {
    const { work } = production()
    const { parts } = await work.capture()
    const steps = work.restoreSteps(parts)
    const plan = { steps: [work.captureStep(), steps?.swap], always: [] } as unknown as Plan
    for (const step of allSteps(plan)) {
      expect(step.detail).toContain('happy-sturgeon-123')
      for (const action of step.actions)
        expect(action).toMatchObject({ says: expect.stringContaining('happy-sturgeon-123') })
    }
  })
})

describe('a CLI that would act on another deployment', () => {
  test('is stopped before it exports', async () => {
    const { work, live } = production()
    live.name('happy-trout-9')
    await expect(work.capture()).rejects.toMatchObject({ exit: 3, why: 'the Convex CLI would act on happy-trout-9' })
    expect(existsSync(join(work.stage, 'database/convex.zip'))).toBe(false)
  })

  test('is stopped before it imports, also when it changed its mind after the export', async () => {
    const { work, live, root } = production()
    const { parts } = await work.capture()
    live.put({ messages: [] })
    const steps = work.restoreSteps(parts)
    if (steps === null || steps.swap === null) throw new Error('it is not put back')
    await work.run(steps.beside)
    live.name('happy-trout-9')
    await expect(work.run(steps.swap)).rejects.toThrow(/not the deployment happy-sturgeon-123/)
    expect(live.tables()['messages']).toEqual([])
    expect(existsSync(join(root, '.knowngood/undo'))).toBe(true)
  })

  test('is told by doctor, with the way out', async () => {
    const { live, told, root } = production()
    const place = { root, git: { remote: 'origin', branch: 'main' } }
    const options = convex.options.parse(told.options)
    expect(await convex.doctor(options, place)).toMatchObject([{ ok: true }, { ok: true }])
    live.name('happy-trout-9')
    expect((await convex.doctor(options, place))[1]).toMatchObject({
      ok: false,
      says: expect.stringContaining('happy-trout-9'),
      fix: 'Look at it: convex dashboard --prod --no-open',
    })
  })
})

describe('an import that does not come through', () => {
  test('changes nothing when the server refuses it, and undoing it imports nothing', async () => {
    const { work, live } = production()
    const { parts } = await work.capture()
    live.put({ messages: [] })
    const steps = work.restoreSteps(parts)
    if (steps === null || steps.swap === null) throw new Error('it is not put back')
    await work.run(steps.beside)
    live.refuse()
    await expect(work.run(steps.swap)).rejects.toThrow(/ended with code 1/)
    live.put({ messages: [{ _id: 'm9', text: 'written meanwhile' }] })
    await work.undo(steps.swap)
    expect(live.tables()['messages']).toEqual([{ _id: 'm9', text: 'written meanwhile' }])
  })

  test('is put back where it did, and what stood until then is kept', async () => {
    const { work, live, root } = production()
    const { parts } = await work.capture()
    live.put({ messages: [] })
    const steps = work.restoreSteps(parts)
    if (steps === null || steps.swap === null) throw new Error('it is not put back')
    await work.run(steps.beside)
    await work.run(steps.swap)
    live.put({ messages: [{ _id: 'm9', text: 'written since' }] })
    expect(await work.probe(steps.swap)).toMatchObject({ state: 'foreign' })
    await work.undo(steps.swap)
    expect(live.tables()['messages']).toEqual([])
    const [run = ''] = readdirSync(join(root, '.knowngood/undo'))
    expect(readdirSync(join(root, '.knowngood/undo', run))).toContain('convex-undone.zip')
    expect(await work.probe(steps.swap)).toMatchObject({ state: 'absent' })
  })
})

describe('init', () => {
  test('finds a package that depends on Convex, and says that it cannot know which deployment is production', async () => {
    const files: Record<string, string> = {
      'app/package.json': '{"dependencies":{"convex":"1.48.0"}}',
      'package.json': '{"name":"mosaic"}',
      'broken/package.json': '{',
    }
    const repo = { read: async (path: string) => files[path] ?? null, glob: async () => Object.keys(files) }
    expect(await convex.detect(repo)).toMatchObject([
      { options: { dir: 'app' }, where: 'app/package.json', unsure: [expect.stringContaining('which deployment')] },
    ])
  })

  test('takes the name from convex.json where it is there', async () => {
    const files: Record<string, string> = {
      'package.json': '{"devDependencies":{"convex":"1"}}',
      'convex.json': '{"prodUrl":"https://happy-sturgeon-123.convex.cloud"}',
    }
    const repo = { read: async (path: string) => files[path] ?? null, glob: async () => ['package.json'] }
    expect(await convex.detect(repo)).toMatchObject([{ options: { deployment: 'happy-sturgeon-123', dir: '.' } }])
  })
})

test('a folder without a package.json is told by doctor', async () => {
  const root = temporaryFolder()
  mkdirSync(join(root, 'app'))
  const options = convex.options.parse({ deployment: 'happy-sturgeon-123', dir: 'app' })
  expect(await convex.doctor(options, { root, git: { remote: 'origin', branch: 'main' } })).toMatchObject([
    { id: 'convex.dir', ok: false, says: 'app has no package.json' },
  ])
})

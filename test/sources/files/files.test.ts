import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { files } from '../../../src/sources/files.ts'
import { roundTrip, sourceAtWork } from '../../helpers/source-round-trip.ts'
import { openGit } from '../../../src/world/git.ts'
import { readStatus } from '../../../src/world/git-status.ts'
import { asOrdinaryUser } from '../../helpers/ordinary-user.ts'
import { repository, sh } from '../../helpers/repository.ts'
import { temporaryFolder } from '../../helpers/temp.ts'
import { memoryFolder } from '../../helpers/trees.ts'

const RUN = 'deploy-20261121_120000Z-a1b2'

function put(root: string, contents: Record<string, string>): void {
  for (const [path, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

function tree(root: string, path = '.'): Record<string, string> {
  const found = readdirSync(join(root, path), { recursive: true, encoding: 'utf8' }).toSorted()
  return Object.fromEntries(
    found.map((one) => {
      const full = join(root, path, one)
      const stat = lstatSync(full)
      return [
        one,
        `${(stat.mode & 0o777).toString(8)} ${stat.isFile() ? readFileSync(full, 'utf8') : stat.isSymbolicLink() ? 'link' : 'folder'}`,
      ]
    }),
  )
}

function project(options: Record<string, unknown> = { paths: ['uploads', 'data/state'] }) {
  const root = temporaryFolder()
  put(root, { 'uploads/a.txt': 'a', 'uploads/deep/b.txt': 'b', 'data/state/now.json': '{}', 'data/other': 'not ours' })
  chmodSync(join(root, 'uploads/a.txt'), 0o640)
  symlinkSync('a.txt', join(root, 'uploads/link'))
  mkdirSync(join(root, 'uploads/empty'))
  const told = { source: files as never, options, root }
  return { root, told, at: sourceAtWork(told) }
}

const live = (root: string) => ({ uploads: tree(root, 'uploads'), state: tree(root, 'data/state') })

describe('runtime files', () => {
  test('go out and back, with modes, links and empty folders, and nothing else is touched', async () => {
    const { root, told } = project()
    await roundTrip(
      told,
      () => live(root),
      () => {
        put(root, { 'uploads/a.txt': 'changed', 'uploads/new': 'new' })
        rmSync(join(root, 'data/state/now.json'))
      },
    )
    expect(readFileSync(join(root, 'data/other'), 'utf8')).toBe('not ours')
    expect(readdirSync(root).filter((name) => name.includes('knowngood-'))).toEqual([])
  })

  test('go out and back for an ordinary user, although nobody may write to their folders', async () => {
    await asOrdinaryUser(memoryFolder(), async () => {
      const { root, told } = project()
      const folders = ['uploads/deep', 'uploads/empty', 'uploads']
      for (const folder of folders) chmodSync(join(root, folder), 0o555)
      await roundTrip(
        told,
        () => live(root),
        () => chmodSync(join(root, 'uploads/empty'), 0o755),
      )
      expect(lstatSync(join(root, 'uploads')).mode & 0o777).toBe(0o555)
      expect(readdirSync(root).filter((name) => name.includes('knowngood-'))).toEqual([])
    })
  })

  test('come back with tar alone, by the lines of the manifest', async () => {
    const { root, told, at } = project()
    const { parts } = await at.capture()
    const [part] = parts
    if (part === undefined) throw new Error('no part')
    const script = files.manual(files.options.parse(told.options), part).join(' && ')
    execFileSync('sh', ['-c', script], { cwd: at.stage, env: { ...process.env, FILES_DIR: join(root, 'out') } })
    expect(tree(root, 'out/uploads')).toEqual(tree(root, 'uploads'))
  })

  test('may be single files', async () => {
    const { root, told } = project({ paths: ['data/other', 'uploads/deep'] })
    const read = () => [readFileSync(join(root, 'data/other'), 'utf8'), tree(root, 'uploads/deep')]
    await roundTrip(told, read, () => put(root, { 'data/other': 'changed', 'uploads/deep/c.txt': 'new' }))
  })

  test('are counted in the archive, and counted again when they are unpacked', async () => {
    const { at } = project()
    const { parts } = await at.capture()
    expect(parts).toMatchObject([{ path: 'files/data.tar.gz', counts: { entries: 8, files: 4 } }])
    const [part] = parts
    if (part === undefined) throw new Error('no part')
    const steps = at.restoreSteps([{ ...part, counts: { entries: 9, files: 4 } }])
    if (steps === null) throw new Error('no steps')
    await expect(at.run(steps.beside)).rejects.toThrow('entries holds 8, not 9')
  })

  test('that were gone come back, and go again when that is undone', async () => {
    const { root, at } = project()
    const { parts } = await at.capture()
    rmSync(join(root, 'uploads'), { recursive: true })
    const kept = await at.restore(parts)
    expect(existsSync(join(root, 'uploads/deep/b.txt'))).toBe(true)
    await at.back(kept)
    expect(existsSync(join(root, 'uploads'))).toBe(false)
    expect(existsSync(join(root, 'data/state/now.json'))).toBe(true)
  })

  test('go into a folder of their own when that is asked, never over what is there', async () => {
    const { root, at } = project()
    const { parts } = await at.capture()
    const dir = join(root, 'scratch')
    const steps = at.restoreSteps(parts, { live: false, dir, urlFrom: null })
    if (steps === null) throw new Error('no steps')
    expect(steps.swap).toBeNull()
    await at.run(steps.beside)
    expect(tree(dir, 'data/uploads')).toEqual(tree(root, 'uploads'))
    await at.run(steps.drop)
    put(dir, { 'data/mine': 'mine' })
    await at.look(steps.beside)
    await expect(at.act(steps.beside)).rejects.toThrow('taken already')
    await at.undo(steps.beside)
    expect(readFileSync(join(dir, 'data/mine'), 'utf8')).toBe('mine')
  })
})

describe('a swap of several paths', () => {
  const moments = [
    'before',
    'after the first old one was moved',
    'after the first was swapped',
    'after the second old one was moved',
  ]
  const cases = moments.flatMap((when, moves) => [
    { when, moves, how: 'goes on to the end' },
    { when, moves, how: 'goes back to the beginning' },
  ])
  test.each(cases)('killed $when $how', async ({ moves, how }) => {
    const { root, at } = project()
    const { parts } = await at.capture()
    const before = live(root)
    put(root, { 'uploads/new': 'new', 'data/state/now.json': '{"new":1}' })
    const changed = live(root)
    const steps = at.restoreSteps(parts)
    if (steps?.swap == null) throw new Error('no swap')
    await at.run(steps.beside)
    await at.look(steps.swap)
    for (const path of ['uploads', 'data/state'].slice(0, Math.ceil(moves / 2)))
      renameSync(join(root, path), join(root, `${path}.before-${RUN}`))
    for (const path of ['uploads', 'data/state'].slice(0, Math.floor(moves / 2)))
      renameSync(join(root, `${path}.knowngood-${RUN}`), join(root, path))
    expect(await at.probe(steps.swap)).toMatchObject({ state: moves === 0 ? 'absent' : 'partial' })
    const forward = how === 'goes on to the end'
    await (forward ? at.act(steps.swap) : at.undo(steps.swap))
    expect(live(root)).toEqual(forward ? before : changed)
    expect(await at.probe(steps.swap)).toMatchObject({ state: forward ? 'done' : 'absent' })
  })

  test('that somebody else interfered with is left alone', async () => {
    const { root, at } = project()
    const { parts } = await at.capture()
    const steps = at.restoreSteps(parts)
    if (steps?.swap == null) throw new Error('no swap')
    await at.run(steps.beside)
    await at.run(steps.swap)
    mkdirSync(join(root, `uploads.knowngood-${RUN}`))
    expect(await at.probe(steps.swap)).toMatchObject({ state: 'foreign' })
    await expect(at.undo(steps.swap)).rejects.toThrow('changed by somebody else')
  })
})

describe('code by part', () => {
  test('is an archive for each part, without what is made anew, and never goes back in place', async () => {
    const { root, at } = project({ parts: { backend: ['uploads'], frontend: ['data', 'web'] } })
    put(root, { 'web/index.html': 'hello', 'web/node_modules/x/y.js': 'no' })
    const { parts } = await at.capture()
    expect(parts.map(({ path, counts }) => [path, counts])).toEqual([
      ['code/backend.tar.gz', { entries: 6, files: 3 }],
      ['code/frontend.tar.gz', { entries: 6, files: 3 }],
    ])
    expect(at.restoreSteps(parts)).toBeNull()
    const steps = at.restoreSteps(parts, { live: false, dir: join(root, 'out'), urlFrom: null })
    if (steps === null) throw new Error('no steps')
    await at.run(steps.beside)
    expect(readFileSync(join(root, 'out/data/frontend/web/index.html'), 'utf8')).toBe('hello')
    await at.run(steps.drop)
  })
})

describe('secret values', () => {
  test('stay out of the archive and are named; templates stay in it', async () => {
    const { root, at } = project()
    put(root, {
      'uploads/.env': 'TOKEN=canary-1234567890\n',
      'uploads/.env.production': 'export TOKEN="canary-1234567890"\n',
      'uploads/api.env': 'TOKEN: canary\n',
      'uploads/.env.example': 'TOKEN=put-yours-here\n',
      'uploads/.envrc': 'export TOKEN=canary\n',
      'uploads/.env.local': '# nothing yet\nTOKEN=\n',
    })
    const { parts, leftOut } = await at.capture()
    expect(leftOut).toEqual([
      'uploads/.env holds secret values',
      'uploads/.env.production holds secret values',
      'uploads/.envrc holds secret values',
      'uploads/api.env holds secret values',
    ])
    expect(parts[0]?.counts).toEqual({ entries: 10, files: 6 })
  })

  test('stay as they are when the files around them are restored, and go back with them', async () => {
    const { root, at } = project()
    const { parts } = await at.capture()
    put(root, {
      'uploads/.env': 'TOKEN=canary-1234567890\n',
      'uploads/new/api.env': 'TOKEN=canary\n',
      'uploads/new/x': 'x',
    })
    chmodSync(join(root, 'uploads/.env'), 0o600)
    const changed = live(root)
    const kept = await at.restore(parts)
    expect(tree(root, 'uploads')).toMatchObject({
      '.env': '600 TOKEN=canary-1234567890\n',
      'new/api.env': expect.stringContaining('TOKEN=canary'),
    })
    expect(existsSync(join(root, 'uploads/new/x'))).toBe(false)
    await at.back(kept)
    expect(live(root)).toEqual(changed)
  })

  test('stay for an ordinary user as well, in folders that nobody may write to', async () => {
    await asOrdinaryUser(memoryFolder(), async () => {
      const { root, at } = project()
      const folders = ['uploads/deep', 'uploads']
      for (const folder of folders) chmodSync(join(root, folder), 0o555)
      const { parts } = await at.capture()
      for (const folder of folders) chmodSync(join(root, folder), 0o755)
      put(root, { 'uploads/deep/.env': 'TOKEN=canary\n', 'uploads/new/.env': 'TOKEN=canary\n' })
      for (const folder of folders) chmodSync(join(root, folder), 0o555)
      const changed = live(root)
      const kept = await at.restore(parts)
      expect(tree(root, 'uploads')).toMatchObject({
        'deep/.env': expect.stringContaining('TOKEN=canary'),
        'new/.env': expect.stringContaining('TOKEN=canary'),
      })
      expect(folders.map((folder) => lstatSync(join(root, folder)).mode & 0o777)).toEqual([0o555, 0o555])
      await at.back(kept)
      expect(live(root)).toEqual(changed)
    })
  })

  test('may stay in what is encrypted before it is kept', () => {
    const parsed = files.options.parse({ paths: ['uploads'] })
    const context = {
      id: 'capture.data',
      name: 'data',
      stage: '/stage',
      kind: 'data',
      commit: null,
      at: '',
      last: null,
    } as const
    expect(files.capture(parsed, { ...context, encrypted: true })?.actions).toMatchObject([
      { input: { secrets: true } },
    ])
    expect(files.capture(parsed, context)?.actions).toMatchObject([{ input: { secrets: false } }])
  })
})

test('what a restore puts beside, or keeps, is no uncommitted work', async () => {
  const { root } = repository()
  put(root, { [`uploads.before-${RUN}/a`]: 'a', [`data/.app.db.knowngood-${RUN}`]: 'a', 'uploads.before-lunch': 'a' })
  expect((await readStatus(openGit(root))).dirty).toEqual(['data/', 'uploads.before-lunch'])
  put(root, { 'data/kept': 'a' })
  sh(root, 'add', 'data/kept')
  expect((await readStatus(openGit(root))).dirty).toEqual(['data/kept', 'uploads.before-lunch'])
})

describe('a path', () => {
  test.each([['..'], ['a/../b'], ['/etc'], ['-rf'], ['a//b'], ['.'], ['~/x'], ['a\nb']])('is refused: %j', (path) => {
    expect(() => files.options.parse({ paths: [path] })).toThrow()
  })
})

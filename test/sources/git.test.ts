import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { git } from '../../src/sources/git.ts'
import { capturing, perform, probed, stored, undone } from '../helpers/capture.ts'
import { testIo } from '../helpers/io.ts'
import { repository, sh } from '../helpers/repository.ts'

const run = 'restore-20261121_120000Z-a1b2'

async function captured() {
  const repo = repository()
  const first = repo.sh('rev-parse', 'HEAD')
  repo.sh('checkout', '--quiet', '-b', 'side')
  repo.commit('A page of another branch')
  repo.sh('tag', 'v1')
  repo.sh('checkout', '--quiet', 'main')
  const io = testIo(repo.root)
  const context = capturing(dirname(repo.root), 'git', { commit: first })
  const step = git.capture({}, context)
  const { gives } = await perform(step, git.calls, io)
  return { repo, first, io, context, step, gives, parts: stored(context.stage, gives) }
}

describe('the repository of a set', () => {
  test('is the live commit and a bundle of every ref, counted and hashed', async () => {
    const { first, context, gives, parts } = await captured()
    expect(readFileSync(join(context.stage, 'git/HEAD_COMMIT'), 'utf8')).toBe(`${first}\n`)
    expect(parts.map(({ part }) => part.path)).toEqual(['git/HEAD_COMMIT', 'git/repo.bundle'])
    // main, side, v1 and origin/main; the first page and the one of the branch.
    expect(parts[1]?.part.counts).toEqual({ refs: 4, commits: 2 })
    for (const { part, file } of parts) {
      expect(execFileSync('sha256sum', [file], { encoding: 'utf8' }).slice(0, 64)).toBe(part.sha256)
      expect(statSync(file).mode & 0o777).toBe(0o600)
    }
    expect(gives).toMatchObject({ leftOut: [], doubts: [] })
  })

  test('is nothing for kinds that only point at a commit', () => {
    const kinds = ['quick', 'full', 'dump', 'data'] as const
    expect(kinds.map((kind) => git.capture({}, capturing('/tmp/nowhere', 'git', { kind })))).toEqual([
      null,
      null,
      null,
      null,
    ])
  })

  test('is looked at after a crash: whole, half or not there, and what is half is removed', async () => {
    const { step, io, gives, context } = await captured()
    expect(await probed(step, git.calls, io, gives)).toMatchObject({ state: 'done' })
    expect(await probed(step, git.calls, io)).toMatchObject({ state: 'partial' })
    truncateSync(join(context.stage, 'git/repo.bundle'), 100)
    expect(await probed(step, git.calls, io, gives)).toMatchObject({ state: 'partial' })
    await undone(step, git.calls, io)
    expect(await probed(step, git.calls, io, gives)).toMatchObject({ state: 'absent' })
  })

  test('names what a bundle cannot hold', async () => {
    const repo = repository()
    repo.commit('Large files', { '.gitattributes': '*.psd filter=lfs diff=lfs merge=lfs -text\n', '.gitmodules': '' })
    const { gives } = await perform(git.capture({}, capturing(dirname(repo.root), 'git')), git.calls, testIo(repo.root))
    expect(gives['leftOut']).toEqual([
      'files kept by Git LFS: the bundle holds their pointers',
      'submodules: the bundle holds the commits they are pinned to',
    ])
  })

  test('is refused when no branch or tag leads to the live commit', async () => {
    const repo = repository()
    const lost = repo.commit('Lost')
    repo.sh('reset', '--quiet', '--hard', 'HEAD~1')
    const step = git.capture({}, capturing(dirname(repo.root), 'git', { commit: lost }))
    await expect(perform(step, git.calls, testIo(repo.root))).rejects.toThrow(/no branch or tag leads to/)
  })
})

describe('a bundle that is put back', () => {
  test('opens, and goes beside as a repository that holds what it held', async () => {
    const { repo, io, parts, first } = await captured()
    for (const part of parts) {
      const { gives } = await perform(git.readable({}, { ...part, id: 'readable', name: 'git', run }), git.calls, io)
      expect(gives['counts']).toEqual(part.part.counts ?? {})
    }
    const to = { live: false, dir: join(dirname(repo.root), 'out'), urlFrom: null } as const
    const ids = { beside: 'beside.git', swap: 'swap.git', drop: 'drop.git' }
    const steps = git.restore({}, { ids, name: 'git', parts, to, run, at: '2026-11-21T12:00:00Z', flush: false })
    const { gives, was } = await perform(steps?.beside ?? null, git.calls, io)
    expect(gives).toMatchObject({ counts: { refs: 4, commits: 2 } })
    expect(sh(String(gives['place']), 'rev-parse', 'refs/heads/main')).toBe(first)
    expect(await probed(steps?.beside ?? null, git.calls, io, gives, was)).toMatchObject({ state: 'done', gives })
    expect(steps?.swap).toBeNull()
    await perform(steps?.drop ?? null, git.calls, io)
    expect(existsSync(String(gives['place']))).toBe(false)
  })

  test('never goes over a folder that is there, and undoing that leaves it', async () => {
    const { repo, io, parts } = await captured()
    const dir = join(dirname(repo.root), 'out')
    mkdirSync(join(dir, 'git.git'), { recursive: true })
    writeFileSync(join(dir, 'git.git', 'theirs'), '')
    const ids = { beside: 'beside.git', swap: 'swap.git', drop: 'drop.git' }
    const to = { live: false, dir, urlFrom: null } as const
    const beside = git.restore({}, { ids, name: 'git', parts, to, run, at: '', flush: false })?.beside ?? null
    await expect(perform(beside, git.calls, io)).rejects.toThrow(/there already/)
    await undone(beside, git.calls, io, {}, { there: true })
    expect(existsSync(join(dir, 'git.git', 'theirs'))).toBe(true)
  })

  test('is never swapped in: code returns by rollback', async () => {
    const { parts } = await captured()
    const ids = { beside: 'b', swap: 's', drop: 'd' }
    expect(git.restore({}, { ids, name: 'git', parts, to: { live: true }, run, at: '', flush: false })).toBeNull()
  })

  test('comes back with git alone, by the lines of the manifest', async () => {
    const { context, parts, first } = await captured()
    const lines = parts.flatMap(({ part }) => git.manual({}, part))
    execFileSync('bash', ['-euc', lines.join('\n')], { cwd: context.stage, stdio: 'pipe' })
    expect(sh(join(context.stage, 'restored'), 'rev-parse', 'HEAD')).toBe(first)
  })
})

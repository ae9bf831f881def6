import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Part } from '../../src/core/backup.ts'
import { git } from '../../src/sources/git.ts'
import { testIo } from '../helpers/io.ts'
import { repository, sh, temporaryFolder } from '../helpers/repository.ts'
import { sourceAtWork, stepRunner } from '../helpers/source-round-trip.ts'

function withBranch() {
  const repo = repository()
  const first = repo.sh('rev-parse', 'HEAD')
  repo.sh('checkout', '--quiet', '-b', 'side')
  repo.commit('A page of another branch')
  repo.sh('tag', 'v1')
  repo.sh('checkout', '--quiet', 'main')
  return { repo, first }
}

/** The stage lies outside the repository, as a backup's folder is no part of what it holds. */
function at(root: string, stage = temporaryFolder()) {
  return sourceAtWork({ source: git as never, options: {}, root: stage, name: 'git', io: testIo(root) })
}

describe('the repository of a set', () => {
  test('is the live commit and a bundle of every ref, counted and hashed', async () => {
    const { repo, first } = withBranch()
    const work = at(repo.root)
    const { parts, leftOut, doubts } = await work.capture()
    expect(readFileSync(join(work.stage, 'git/HEAD_COMMIT'), 'utf8')).toBe(`${first}\n`)
    expect(parts.map(({ path }) => path)).toEqual(['git/HEAD_COMMIT', 'git/repo.bundle'])
    // main, side, v1 and origin/main; the first page and the one of the branch.
    expect(parts[1]?.counts).toEqual({ refs: 4, commits: 2 })
    for (const { path, sha256 } of parts) {
      const file = join(work.stage, path)
      expect(execFileSync('sha256sum', [file], { encoding: 'utf8' }).slice(0, 64)).toBe(sha256)
      expect(statSync(file).mode & 0o777).toBe(0o600)
    }
    expect({ leftOut, doubts }).toEqual({ leftOut: [], doubts: [] })
  })

  test('is nothing for kinds that only point at a commit', () => {
    const context = { id: 'c', name: 'git', stage: '/nowhere', commit: null, at: '', last: null }
    for (const kind of ['quick', 'full', 'dump', 'data'] as const)
      expect(git.capture({}, { ...context, kind })).toBeNull()
  })

  test('is looked at after a crash: whole, half or not there, and what is half is removed', async () => {
    const work = at(repository().root)
    await work.capture()
    const step = work.captureStep()
    if (step === null) throw new Error('nothing to capture')
    const gives = work.gives[step.id]
    delete work.gives[step.id]
    expect(await work.probe(step)).toMatchObject({ state: 'partial' })
    work.gives[step.id] = gives ?? {}
    truncateSync(join(work.stage, 'git/repo.bundle'), 100)
    expect(await work.probe(step)).toMatchObject({ state: 'partial' })
    await work.undo(step)
    expect(await work.probe(step)).toMatchObject({ state: 'absent' })
  })

  test('names what a bundle cannot hold', async () => {
    const repo = repository()
    repo.commit('Large files', { '.gitattributes': '*.psd filter=lfs diff=lfs merge=lfs -text\n', '.gitmodules': '' })
    expect((await at(repo.root).capture()).leftOut).toEqual([
      'files kept by Git LFS: the bundle holds their pointers',
      'submodules: the bundle holds the commits they are pinned to',
    ])
  })

  test('is doubted when it is less than half of the last one', async () => {
    const work = at(repository().root)
    const before = { path: 'git/repo.bundle', bytes: 5_200_000 } as Part
    expect((await work.capture([before])).doubts).toEqual([
      expect.stringMatching(/^git\/repo\.bundle is less than half the size of the last one \(5\.2 MB → \d+ B\)$/),
    ])
  })

  test('is refused when no branch or tag leads to the live commit', async () => {
    const repo = repository()
    const lost = repo.commit('Lost')
    repo.sh('reset', '--quiet', '--hard', 'HEAD~1')
    const work = at(repo.root)
    const context = { id: 'c', name: 'git', stage: work.stage, kind: 'set', commit: lost, at: '', last: null } as const
    const step = git.capture({}, context)
    if (step === null) throw new Error('nothing to capture')
    await expect(work.run(step)).rejects.toThrow(/no branch or tag leads to/)
  })
})

describe('a bundle that is put back', () => {
  test('opens, and goes beside as a repository that holds what it held', async () => {
    const { repo, first } = withBranch()
    const work = at(repo.root)
    const { parts } = await work.capture()
    for (const part of parts) expect(await work.readable(part)).toEqual({ counts: part.counts ?? {} })
    const steps = work.restoreSteps(parts, { live: false, dir: temporaryFolder(), urlFrom: null })
    if (steps === null) throw new Error('it is not put beside')
    const { counts, place } = await work.run(steps.beside)
    expect(counts).toEqual({ refs: 4, commits: 2 })
    expect(sh(String(place), 'rev-parse', 'HEAD')).toBe(first)
    expect(sh(String(place), 'symbolic-ref', 'HEAD')).toBe('refs/heads/main')
    expect(steps.swap).toBeNull()
    await work.run(steps.drop)
    expect(existsSync(String(place))).toBe(false)
  })

  test('never goes over a folder that is there, and undoing that leaves it', async () => {
    const work = at(repository().root)
    const { parts } = await work.capture()
    const dir = temporaryFolder()
    mkdirSync(join(dir, 'git.git'))
    writeFileSync(join(dir, 'git.git', 'theirs'), '')
    const steps = work.restoreSteps(parts, { live: false, dir, urlFrom: null })
    if (steps === null) throw new Error('it is not put beside')
    const runner = stepRunner(git, testIo(dir))
    await runner.capture(steps.beside)
    await expect(runner.act(steps.beside)).rejects.toThrow(/taken already/)
    await runner.undo(steps.beside)
    expect(existsSync(join(dir, 'git.git', 'theirs'))).toBe(true)
  })

  test('is never swapped in: code returns by rollback', async () => {
    const work = at(repository().root)
    expect(work.restoreSteps((await work.capture()).parts)).toBeNull()
  })

  test('comes back with git alone, by the lines of the manifest', async () => {
    const { repo, first } = withBranch()
    const work = at(repo.root)
    const { parts } = await work.capture()
    const lines = parts.flatMap((part) => git.manual({}, part))
    execFileSync('bash', ['-euc', lines.join('\n')], { cwd: work.stage, stdio: 'pipe' })
    expect(sh(join(work.stage, 'restored'), 'rev-parse', 'HEAD')).toBe(first)
  })
})

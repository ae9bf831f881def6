import { rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Part } from '../core/backup.ts'
import { held, StepFailed } from '../core/failure.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import { exists, makeFolder, syncFolder, temporaryBeside, writeNew } from '../world/files.ts'
import { openGit } from '../world/git.ts'
import type { Git } from '../world/git.ts'
import { resolveCommit } from '../world/git-refs.ts'
import { dropPlace, lookFree, mustBeFree, seenGone } from './beside.ts'
import { beginPart, captureCalls, finishPart, shrunk, unfinished } from './captured.ts'
import { mustHold } from './counts.ts'
import { bounds, countRefs, headCommitIn, holdsWhole, pointHead, unbundle } from './git-bundle.ts'

/** Where a backup holds them, relative to its folder. */
export const HEAD_COMMIT = 'git/HEAD_COMMIT'
export const BUNDLE = 'git/repo.bundle'

type Capture = { stage: string; name: string; commit: string | null; last: Part[] | null }
type Put = { file: string; dir: string; counts: Record<string, number> | null; was: { free: boolean } | null }

/** What the steps of the git source name. */
export const gitCalls = {
  'git.capture': async ({ stage, name, commit, last }: Capture, io: Io) => {
    const git = openGit(io.root)
    const live = await mustBeWhole(git, commit)
    const about = { source: name, use: 'git' }
    await writeNew(await beginPart(stage, HEAD_COMMIT), `${live}\n`)
    const head = await finishPart(io, stage, HEAD_COMMIT, about)
    const file = await beginPart(stage, BUNDLE)
    await git.raw(['bundle', 'create', '--quiet', file, '--all'], bounds(io))
    const counts = await readBack(io, file, live)
    const bundle = await finishPart(io, stage, BUNDLE, { ...about, counts })
    io.line(`${counts.refs} refs and ${counts.commits} commits bundled`)
    return { parts: [head, bundle], leftOut: await leftOut(git, live, io), doubts: [shrunk(bundle, last) ?? []].flat() }
  },
  'git.captured': captureCalls.captured,
  'git.uncapture': captureCalls.uncapture,

  'git.readable': async ({ file, path, counts }: { file: string; path: string; counts: Put['counts'] }, io: Io) => {
    if (path.endsWith('HEAD_COMMIT')) {
      await headCommitIn(file)
      return { counts: {} }
    }
    return { counts: await inScratch(io, file, (bare) => counted(bare, counts, io)) }
  },

  'git.put-look': async ({ dir }: { dir: string }) => lookFree(dir),

  'git.put': async ({ file, dir, counts, was }: Put, io: Io) => {
    mustBeFree('git', dir, was)
    await makeFolder(dirname(dir))
    await rm(unfinished(dir), { recursive: true, force: true })
    const bare = await unbundle(io, file, unfinished(dir))
    const found = await counted(bare, counts, io)
    await pointHead(bare, file)
    await rename(unfinished(dir), dir)
    await syncFolder(dirname(dir))
    return { counts: found, place: dir }
  },

  'git.put-probe': async ({ dir, was }: Pick<Put, 'dir' | 'was'>, io: Io) => {
    if (await exists(unfinished(dir))) return { state: 'partial', saw: { dir } }
    if (was?.free !== true || !(await exists(dir))) return { state: 'absent', saw: null }
    return { state: 'done', saw: { dir }, gives: { counts: await countRefs(openGit(dir), io), place: dir } }
  },

  'git.drop': async ({ dir, was }: Pick<Put, 'dir' | 'was'>) => {
    await dropPlace(unfinished(dir), was)
    await dropPlace(dir, was)
    return {}
  },

  'git.drop-probe': async ({ dir }: { dir: string }) => seenGone(dir),
} satisfies CallRegistry

/** The commit that is live (HEAD when none is known), in a clone that has all of its history. */
async function mustBeWhole(git: Git, commit: string | null): Promise<string> {
  if ((await git.raw(['rev-parse', '--is-shallow-repository'])).trim() === 'true') {
    const why = 'this clone is shallow: a bundle of it would lack the commits before the cut'
    throw held('The repository cannot be backed up whole', why, ['git fetch --unshallow'])
  }
  const live = await resolveCommit(git, commit ?? 'HEAD')
  if (live !== null) return live
  throw held('The repository cannot be backed up', `the commit ${commit ?? 'HEAD'} is not in this clone`, ['git fetch'])
}

async function readBack(io: Io, file: string, live: string): Promise<{ refs: number; commits: number }> {
  return await inScratch(io, file, async (bare) => {
    if (await holdsWhole(bare, live, io)) return await countRefs(bare, io)
    throw new StepFailed(
      'git',
      `no branch or tag leads to ${live.slice(0, 7)}, so a bundle does not hold it: git tag keep ${live}`,
    )
  })
}

async function counted(bare: Git, counts: Put['counts'], io: Io): Promise<{ refs: number; commits: number }> {
  const found = await countRefs(bare, io)
  mustHold('git', counts ?? undefined, found)
  return found
}

async function inScratch<T>(io: Io, file: string, work: (bare: Git) => Promise<T>): Promise<T> {
  const dir = temporaryBeside(join(io.dir, 'repo.git'))
  try {
    return await work(await unbundle(io, file, dir))
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** What a bundle never holds, though a checkout shows it. */
async function leftOut(git: Git, commit: string, io: Io): Promise<string[]> {
  const files = (await git.raw(['ls-tree', '-r', '-z', '--name-only', commit], bounds(io))).split('\0')
  const attributes = files.filter((path) => /(?:^|\/)\.gitattributes$/.test(path))
  const lfs = await Promise.all(
    attributes.map((path) => git.raw(['cat-file', 'blob', `${commit}:${path}`], bounds(io))),
  )
  return [
    ...(lfs.some((text) => /\bfilter=lfs\b/.test(text))
      ? ['files kept by Git LFS: the bundle holds their pointers']
      : []),
    ...(files.includes('.gitmodules') ? ['submodules: the bundle holds the commits they are pinned to'] : []),
  ]
}

import { rm } from 'node:fs/promises'
import { StepFailed } from '../core/failure.ts'
import type { Io } from '../core/plan.ts'
import { makeFolder, readText } from '../world/files.ts'
import { GitFailed, openGit } from '../world/git.ts'
import type { Git } from '../world/git.ts'
import { RUN_VARIABLE } from '../world/orphans.ts'

/** A repository of gigabytes is read through once for a bundle, and once more to unpack it. */
const LONG_MS = 6 * 3_600_000

/** What every git of a run is told, so that what it leaves behind can be found. */
export function bounds(io: Io) {
  return { signal: io.signal, timeoutMs: LONG_MS, env: { [RUN_VARIABLE]: io.run } }
}

/**
 * Unpacks a bundle into a new bare repository and checks that every object its refs need is there and sound; gives the
 * repository. Throws a StepFailed, leaving nothing, when the bundle is damaged. `git bundle verify` would not do: it
 * reads the header alone. Unpacking names every object anew by its content, so what is left to check is that none is missing.
 */
export async function unbundle(io: Io, file: string, dir: string): Promise<Git> {
  await makeFolder(dir)
  const bare = openGit(dir)
  try {
    await bare.raw(['init', '--quiet', '--bare', ...(await objectFormat(bare, file))], bounds(io))
    await bare.raw(
      ['-c', 'protocol.file.allow=always', 'fetch', '--quiet', '--no-write-fetch-head', '--', file, '+refs/*:refs/*'],
      bounds(io),
    )
    await bare.raw(['fsck', '--connectivity-only', '--no-dangling', '--no-progress'], bounds(io))
    return bare
  } catch (error) {
    await rm(dir, { recursive: true, force: true })
    if (error instanceof GitFailed && error.code !== 130)
      throw new StepFailed('git', `the bundle does not open: ${error.message}`, error.output)
    throw error
  }
}

/** A bundle knows what was checked out, not as which branch: HEAD becomes the first branch that stands there, else the first one. */
export async function pointHead(bare: Git, file: string): Promise<void> {
  const heads = (await listHeads(bare, file)).split('\n').map((line) => line.split(' '))
  const [oid] = heads.find(([, ref]) => ref === 'HEAD') ?? []
  const branches = heads.filter(([, ref]) => ref?.startsWith('refs/heads/'))
  const [, branch] = branches.find(([at]) => at === oid) ?? branches[0] ?? []
  if (branch !== undefined) await bare.raw(['symbolic-ref', 'HEAD', branch])
}

/** How many refs a repository has, and commits that they lead to. */
export async function countRefs(git: Git, io: Io): Promise<{ refs: number; commits: number }> {
  const refs = (await git.raw(['for-each-ref', '--format=%(refname)'], bounds(io))).split('\n').length - 1
  const commits = Number(await git.raw(['rev-list', '--count', '--all'], bounds(io)))
  return { refs, commits }
}

/** Whether a commit and everything it leads to are in a repository. */
export async function holdsWhole(git: Git, commit: string, io: Io): Promise<boolean> {
  try {
    await git.raw(['rev-list', '--quiet', '--objects', '--end-of-options', commit], bounds(io))
    return true
  } catch (error) {
    if (error instanceof GitFailed && error.code === 128) return false
    throw error
  }
}

/** The commit that a HEAD_COMMIT file names. Throws a StepFailed when it names none. */
export async function headCommitIn(file: string): Promise<string> {
  const commit = (await readText(file))?.replace(/\n$/, '') ?? ''
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) throw new StepFailed('git', 'HEAD_COMMIT does not hold a commit')
  return commit
}

async function objectFormat(bare: Git, file: string): Promise<string[]> {
  return /^[0-9a-f]{64} /.test(await listHeads(bare, file)) ? ['--object-format=sha256'] : []
}

async function listHeads(bare: Git, file: string): Promise<string> {
  return await bare.raw(['bundle', 'list-heads', file], { timeoutMs: 60_000 })
}

import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { sha256File } from '../archive/checksum.ts'
import { extractTarGz, listTarGz } from '../archive/tar-read.ts'
import { extractZip } from '../archive/zip-read.ts'
import { StepFailed } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import { exists, makeFolder, temporaryBeside } from '../world/files.ts'
import { openGit } from '../world/git.ts'
import type { Git } from '../world/git.ts'
import { archiveCommit } from '../world/git-archive.ts'
import { addWorktree, removeWorktree } from '../world/git-worktree.ts'
import { removedAfter, removeTree } from '../world/remove-tree.ts'
import { unlock } from '../world/unlock.ts'
import type { Key } from '../world/unlock.ts'

type Locked = { file: string; to: string; key: Key }

type Unpack = { file: string; to: string }

/** Opening what no source opens: a whole archive, and what was encrypted. Paths are absolute. */
export const archiveCalls = {
  /** Every member's checksum, and the archive's own end. A zip is unpacked into the run's own folder, and removed. */
  'archive.test': async ({ file }: { file: string }, io: Io) => {
    const { signal } = io
    if (file.endsWith('.zip')) {
      const to = join(io.dir, 'test')
      await removeTree(to)
      const onBytes = (done: number, total: number) => io.bytes(done, total)
      return { counts: await removedAfter(to, async () => extractZip(file, to, { signal, onBytes })) }
    }
    const members = await listTarGz(file, {}, signal)
    if (members.length === 0) throw new StepFailed('archive', `${file} is empty`)
    return { counts: { entries: members.length, bytes: members.reduce((sum, { size }) => sum + size, 0) } }
  },

  /** Unpacks into a folder that is not there yet, and counts it against what the archive says it holds. */
  'archive.unpack': async ({ file, to }: Unpack, io: Io) => {
    const { signal } = io
    const options = { signal, onBytes: (done: number, total: number) => io.bytes(done, total) }
    const found = file.endsWith('.zip') ? await extractZip(file, to, options) : await extractTarGz(file, to, options)
    return { counts: found, place: to }
  },

  'archive.unpacked': async ({ to }: Pick<Unpack, 'to'>) => {
    const there = await exists(to)
    return { state: there ? 'done' : 'absent', saw: null, ...(there ? { gives: { place: to } } : {}) }
  },

  'archive.remove': async ({ to }: Pick<Unpack, 'to'>) => {
    await removeTree(to)
    return {}
  },

  /** Every file of a commit, those that archives of it leave out too, inflated to nowhere. */
  'commit.read': async ({ commit }: { commit: string }, io: Io) => {
    const git = openGit(io.root)
    const scratch = temporaryBeside(join(io.dir, 'read.git'))
    await makeFolder(io.dir)
    await removedAfter(scratch, async () =>
      archiveCommit(git, { scratch, tar: '/dev/null', commit, whole: true, signal: io.signal }),
    )
    return { counts: { files: await filesOf(git, commit) } }
  },

  /** Checks a commit out into a scratch place, compares it with the commit, counts it, and takes it away again. */
  'commit.checkout': async ({ commit, to }: { commit: string; to: string }, io: Io) => {
    const git = openGit(io.root)
    await removeWorktree(git, to)
    await makeFolder(dirname(to))
    try {
      await addWorktree(git, to, commit, io.signal)
      const changed = await openGit(to).raw(['status', '--porcelain'], { signal: io.signal })
      if (changed.trim() !== '')
        throw new StepFailed(
          'verify',
          `${commit.slice(0, 7)} does not check out as it is: ${changed.split('\n')[0] ?? ''}`,
        )
      return { counts: { files: await filesOf(git, commit) } }
    } finally {
      await removeWorktree(git, to)
    }
  },

  /** Decrypts into the run's own folder. What does not come out whole and authentic leaves no plaintext. */
  'archive.unlock': async ({ file, to, key }: Locked, io: Io) => {
    await makeFolder(io.dir)
    await unlock({ file, to: join(io.dir, to), key, signal: io.signal, secret: io.secret, onChild: io.child })
    return plainOf(io, to)
  },

  'archive.unlocked': async ({ to }: Pick<Locked, 'to'>, io: Io) => {
    const there = await exists(join(io.dir, to))
    return there ? { state: 'done', saw: null, gives: await plainOf(io, to) } : { state: 'absent', saw: null }
  },

  'archive.relock': async ({ to }: Pick<Locked, 'to'>, io: Io) => {
    await rm(join(io.dir, to), { force: true })
    return {}
  },
} satisfies CallRegistry

/** The plain file, and the hash its source is to hold it to: what is on record is the encrypted one's. */
async function plainOf(io: Io, to: string): Promise<JsonRecord> {
  const file = join(io.dir, to)
  return { file, sha256: await sha256File(file, undefined, io.signal) }
}

async function filesOf(git: Git, commit: string): Promise<number> {
  const listed = await git.raw(['ls-tree', '-r', '-z', '--name-only', commit])
  return listed.split('\0').length - 1
}

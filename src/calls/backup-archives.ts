import { readdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { excluder } from '../archive/excludes.ts'
import { gzipFile } from '../archive/gzip-file.ts'
import { shownPath } from '../archive/tree-path.ts'
import { listTarGz } from '../archive/tar-read.ts'
import { writeZip } from '../archive/zip-write.ts'
import type { Part } from '../core/backup.ts'
import { DEFAULT_EXCLUDES } from '../core/default-excludes.ts'
import { messageOf, StepFailed } from '../core/failure.ts'
import { statePaths } from '../core/paths.ts'
import { packedWords, someOf } from '../core/packed-words.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import { WHOLE } from '../core/proof.ts'
import { appendProof } from '../records/proofs.ts'
import { now } from '../world/clock.ts'
import { openGit } from '../world/git.ts'
import { archiveCommit, exportIgnored } from '../world/git-archive.ts'
import { linkLeftOut, liveDoubt, lookThrough, trackedLeftOut } from './site-look.ts'

/** `last` is the newest archive of the kind, whose packed files are copied where they did not change; null: every file is packed again. */
type SiteInput = {
  stage: string
  file: string
  paths: string[]
  exclude: string[]
  /** Databases that a source of their own keeps whole. */
  kept: string[]
  last: { id: string; path: string; digest: string } | null
}
type BundleInput = { stage: string; file: string; commit: string; exclude: string[] }

/** Archives that are made of the repository itself: its working tree, and the tracked files of one commit. */
export const backupArchiveCalls = {
  'backup.site': async ({ stage, file, paths, exclude, kept, last }: SiteInput, io: Io) => {
    const { root, signal } = io
    const leave = [...DEFAULT_EXCLUDES, ...exclude]
    const index = join(statePaths(root).cache, 'site-zip.index')
    const { secret, links, live, bytes: total } = await lookThrough({ root, paths, exclude: leave, signal })
    const tracked = await trackedLeftOut({ root, paths, exclude: leave, signal })
    const leftOut = [
      ...secret.map((path) => `${shownPath(path)}: holds secret values`),
      ...links.map(linkLeftOut),
      ...(await beside(root, paths, leave)),
      ...tracked,
    ]
    const torn = live.filter((path) => !kept.includes(path)).map(liveDoubt)
    for (const said of [...links.map(linkLeftOut), ...tracked, ...torn]) io.line(said)
    const packed = await writeZip({
      root,
      paths,
      exclude: leave,
      without: new Set([...secret, ...links.map(({ path }) => path)]),
      to: join(stage, file),
      index,
      previous: last === null ? undefined : { path: resolve(root, last.path), sha256: last.digest, index },
      onBytes: (done) => io.bytes(done, total),
      signal,
    })
    const { bytes, sha256, files, unsettled, skipped, suspect, damaged, reused, unindexed } = packed
    if (unindexed !== null) io.line(`The next one will be packed whole: ${unindexed}`)
    if (last !== null && reused > 0) io.line(`${reused} of ${files} files taken from ${last.id} as they were`)
    const rotten = last === null || damaged.length === 0 ? null : { id: last.id, files: damaged }
    if (last !== null && rotten !== null) await disprove(root, last, damaged)
    for (const said of packedWords({ damaged: rotten, suspect, unsettled })) io.line(said)
    const part: Part = { source: 'site', use: 'files', path: file, bytes, sha256, counts: { files }, unsettled }
    const doubts = [
      ...torn,
      ...suspect.map(
        (path) => `${path}: its content changed and its times did not; earlier archives may hold what it was before`,
      ),
    ]
    return {
      parts: [part],
      leftOut: [...leftOut, ...skipped.map((path) => `${path}: no plain file`)],
      doubts,
      ...(rotten === null ? {} : { damaged: rotten }),
    }
  },

  /** From the commit alone: no configuration, no clock and no mask of this machine has a say in its bytes. */
  'backup.bundle': async ({ stage, file, commit, exclude }: BundleInput, io: Io) => {
    const { signal } = io
    const git = openGit(io.root)
    const tar = join(stage, 'bundle.tar')
    const scratch = join(stage, 'scratch.git')
    const to = join(stage, file)
    for (const path of [tar, scratch, to]) await rm(path, { recursive: true, force: true })
    await archiveCommit(git, { scratch, tar, commit, pathspecs: exclude.flatMap(pathspecs), signal })
    await refuseUnreadable(tar, signal)
    const { bytes, sha256 } = await gzipFile(tar, to, { level: 9, signal, onBytes: io.bytes })
    for (const path of [tar, scratch]) await rm(path, { recursive: true, force: true })
    io.line(`SHA-256 ${sha256}`)
    const ignored = (await exportIgnored(git, commit)).map(
      (path) => `${path}: left out by export-ignore in .gitattributes`,
    )
    for (const said of ignored) io.line(said)
    const part: Part = { source: 'bundle', use: 'git', path: file, bytes, sha256, unsettled: [] }
    const leftOut = [...exclude.map((path) => `${path}: see backups.bundle.exclude`), ...ignored]
    return { parts: [part], leftOut, doubts: [] }
  },
} satisfies CallRegistry

/** A commit may hold what is refused wherever it is unpacked: a link that leads out, say. */
async function refuseUnreadable(tar: string, signal: AbortSignal): Promise<void> {
  await listTarGz(tar, {}, signal).catch((error: unknown) => {
    signal.throwIfAborted()
    throw new StepFailed('bundle', `${messageOf(error)}; leave it out: by backups.bundle.exclude`)
  })
}

/** Copying found that an earlier archive no longer holds what was written into it: from now on it counts as damaged. */
async function disprove(root: string, last: { id: string; digest: string }, damaged: readonly string[]): Promise<void> {
  const because = `${someOf(damaged)}: not what was written`
  const at = now().toISOString()
  const { id: backup, digest } = last
  await appendProof(root, { backup, digest, part: WHOLE, rung: 'hashed', at, passed: false, because, ms: 0 })
}

/** What lies beside narrowed paths at the top of the tree; nothing where all of it is taken. */
async function beside(root: string, paths: readonly string[], leave: readonly string[]): Promise<string[]> {
  const tops = new Set(paths.map((path) => path.replace(/^(?:\.\/)+/, '').split('/')[0] ?? ''))
  if (tops.has('.') || tops.has('')) return []
  const excluded = excluder(leave)
  const names = (await readdir(root)).filter((name) => !tops.has(name) && !excluded(name))
  return names.toSorted().map((name) => `${name}: not in backups.site.paths`)
}

/** A name is left out wherever it stands, a path where it is; with all that lies below. */
function pathspecs(pattern: string): string[] {
  const plain = pattern.replace(/^\.?\/+/, '').replace(/\/+$/, '')
  const anywhere = !plain.includes('/') && !pattern.startsWith('/')
  const from = anywhere ? `**/${plain}` : plain
  return [`:(exclude,glob)${from}`, `:(exclude,glob)${from}/**`]
}

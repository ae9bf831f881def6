import { readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { sha256File } from '../archive/checksum.ts'
import { extractZip } from '../archive/zip-read.ts'
import { writeZip } from '../archive/zip-write.ts'
import type { BackupRecord } from '../core/backup.ts'
import { StepFailed } from '../core/failure.ts'
import { isRunId } from '../core/naming.ts'
import { statePaths } from '../core/paths.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import { archiveRecordPath, readArchiveRecord, writeArchiveRecord } from '../records/archive-record.ts'
import { appendHashed } from '../records/proofs.ts'
import { exists, readText, writeWhole } from '../world/files.ts'
import { removeTree } from '../world/remove-tree.ts'

/** `published` is where it goes once certified. */
type Stage = { from: string; paths: string[]; to: string; published: string }
/** `staged` and `path` are relative to the root; the record lacks only what the file itself says. */
type Publish = { staged: string; path: string; record: Omit<BackupRecord, 'bytes' | 'digest' | 'parts' | 'path'> }

/** `to` is an absolute folder that is this run's own; `digest` is the archive's as it was recorded. */
type Unpack = { path: string; digest: string; to: string }

/** The exact artefact of a deploy: staged under the run's name, published under the tag's once certified. */
export const artefactCalls = {
  'artefact.stage': async ({ from, paths, to }: Stage, io: Io) => {
    const final = join(io.root, to)
    await rm(final, { force: true })
    // What was built may lie in folders that a source archive leaves out; only git's own and installed packages stay out.
    const exclude = paths.length > 0 ? ['.git'] : ['.git', '/node_modules']
    const request = { root: from, ...(paths.length > 0 ? { paths } : {}), exclude, to: final, signal: io.signal }
    const { bytes, sha256, entries } = await writeZip({ ...request, onBytes: (done) => io.bytes(done, null) })
    if (entries === 0) throw new StepFailed('artefact', 'the artefact is empty: see build.artefact')
    await writeWhole(noteOf(io.root, to), `${sha256}\n`)
    return { path: to, bytes, sha256 }
  },

  'artefact.probe': async ({ to, published }: Stage, io: Io) => {
    const final = join(io.root, to)
    if (!(await exists(final))) {
      const gone = await readArchiveRecord(io.root, published)
      if (gone === null || typeof gone === 'string' || gone.run !== io.run) return { state: 'absent', saw: null }
      return { state: 'done', saw: { published }, gives: { path: published, bytes: gone.bytes, sha256: gone.digest } }
    }
    const { size } = await stat(final)
    const sha256 = await sha256File(final)
    if (sha256 !== (await stagedDigest(io.root, to))) return { state: 'partial', saw: { bytes: size, sha256 } }
    return { state: 'done', saw: { bytes: size }, gives: { path: to, bytes: size, sha256 } }
  },

  'artefact.discard': async ({ to }: { to: string }, io: Io) => {
    await rm(join(io.root, to), { force: true })
    return {}
  },

  /** What was released then, byte for byte, into a folder of this run. */
  'artefact.unpack': async ({ path, digest, to }: Unpack, io: Io) => {
    const archive = join(io.root, path)
    const found = await sha256File(archive, io.bytes, io.signal)
    if (found !== digest)
      throw new StepFailed('artefact', `${path} is not what was recorded: its SHA-256 is ${found}, not ${digest}`)
    await removeTree(to)
    await extractZip(archive, to, { onBytes: io.bytes, signal: io.signal })
    return { path: to }
  },

  /** It is renamed into place when it is whole, so a folder that stands is a whole one. */
  'artefact.unpacked': async ({ to }: Unpack) =>
    (await exists(to)) ? { state: 'done', saw: { to }, gives: { path: to } } : { state: 'absent', saw: null },

  'artefact.publish': async ({ staged, path, record }: Publish, io: Io) => {
    const [from, final] = [join(io.root, staged), join(io.root, path)]
    const waits = await exists(from)
    const digest = await sha256File(waits ? from : final)
    // It may have waited for days, for what is confirmed after the deploy.
    const packed = await stagedDigest(io.root, staged)
    if (packed !== null && packed !== digest)
      throw new StepFailed('artefact', `${staged} is not what was packed: its SHA-256 is ${digest}, not ${packed}`)
    if (waits) {
      if (await exists(final))
        throw new StepFailed('artefact', `${path} exists already and is left as it is; the artefact is ${staged}`)
      await rename(from, final)
    }
    const { size: bytes } = await stat(final)
    const part = { source: 'build', use: 'files', path, bytes, sha256: digest, unsettled: [] }
    await writeArchiveRecord(io.root, { ...record, path, bytes, digest, parts: [part] })
    await appendHashed(io.root, record.id, digest)
    await sweep(io, staged)
    return { path, bytes, sha256: digest }
  },

  'artefact.published': async ({ staged, path, record }: Publish, io: Io) => {
    const standing = await readArchiveRecord(io.root, path)
    const left = await exists(join(io.root, staged))
    const ours = standing !== null && typeof standing !== 'string' && standing.run === record.run
    const gives = ours ? { path, bytes: standing.bytes, sha256: standing.digest } : {}
    return { state: ours && !left ? 'done' : 'absent', saw: { record: archiveRecordPath(path), staged: left }, gives }
  },
} satisfies CallRegistry

/** Where the run that packed an artefact wrote its hash down; the file it waits in bears the run's name. */
function noteOf(root: string, staged: string): string {
  return join(statePaths(root).run(basename(staged, '.zip')), 'artefact')
}

/** The SHA-256 of an artefact when it was packed; null where nothing tells. */
async function stagedDigest(root: string, staged: string): Promise<string | null> {
  return (await readText(noteOf(root, staged)))?.trim() ?? null
}

/** Artefacts of deploys that came to no certified end: once another release has its name, they never get one. Only our own go. */
async function sweep(io: Io, staged: string): Promise<void> {
  const dir = dirname(staged)
  for (const name of await readdir(join(io.root, dir))) {
    const other = join(dir, name)
    if (!name.endsWith('.zip') || !isRunId(basename(name, '.zip')) || other === join(staged)) continue
    if ((await stagedDigest(io.root, other)) === null) continue
    await rm(join(io.root, other), { force: true })
    io.line(`removed ${other}, of a deploy that was not certified`)
  }
}

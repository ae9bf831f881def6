import type { Stats } from 'node:fs'
import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open, readlink } from 'node:fs/promises'
import { resolve } from 'node:path'
import { StepFailed } from '../core/failure.ts'
import { codeOf } from '../world/files.ts'
import type { GzipSink } from './gzip-write.ts'
import { writeGzip } from './gzip-write.ts'
import { padding, tarEnd, tarHeader } from './tar-format.ts'
import type { TarMember } from './tar-format.ts'
import { refuseLinkOut, treeEntries } from './tree.ts'
import { joinBytes } from './walk.ts'
import type { TreeEntry } from './walk.ts'
import type { ZipResult } from './zip-write.ts'

/**
 * `paths` are taken below `root` (default: all of it) and stored under `prefix`. `to` is the archive's final name.
 * `reproducible`: the same tree gives the same bytes wherever it is made: this time (seconds since 1970) for every member, no owners, and
 * of the modes only who may execute.
 */
export type TarRequest = {
  root: string
  paths?: readonly string[]
  exclude: readonly string[]
  to: string
  prefix?: string
  level?: number
  reproducible?: { mtime: number } | undefined
  onBytes?: ((done: number) => void) | undefined
  signal?: AbortSignal | undefined
}

type Writing = { sink: GzipSink; request: TarRequest; root: Buffer; size: number; bytes: number; result: Counts }
type Counts = Pick<ZipResult, 'entries' | 'files' | 'unsettled' | 'skipped'>

const CHUNK = 1 << 20

/**
 * Writes a tree as a `.tar.gz` (ustar, with pax headers where needed) that any tar opens: published whole under its name, or nothing is
 * left. Links are kept as links. Refused: an empty tree, a link that leads out of it, and a name that is taken. `unsettled` names files
 * that changed or vanished while they were read: a large one is in it as it was read, filled up with zeros where it became shorter.
 */
export async function writeTarGz(request: TarRequest): Promise<ZipResult> {
  const { level, signal } = request
  const sink = await writeGzip(request.to, { ...(level === undefined ? {} : { level }), signal })
  try {
    const result: Counts = { entries: 0, files: 0, unsettled: [], skipped: [] }
    const root = Buffer.from(resolve(request.root))
    const writing: Writing = { sink, request, root, size: 0, bytes: 0, result }
    for await (const entry of treeEntries(request, sink.temporary)) {
      signal?.throwIfAborted()
      await add(writing, entry)
    }
    if (result.files === 0) throw new StepFailed('tar', `${request.root} holds nothing to archive`)
    await put(writing, tarEnd(writing.size))
    const { bytes, sha256 } = await sink.close()
    return { bytes, sha256, ...result }
  } finally {
    await sink.abort()
  }
}

async function add(writing: Writing, { path, stat }: TreeEntry): Promise<void> {
  const { result } = writing
  const shown = path.toString('utf8')
  if (stat.isFile()) {
    if (!(await addFile(writing, path))) result.unsettled.push(shown)
    return
  }
  if (stat.isDirectory()) await put(writing, tarHeader(member(writing, path, stat, 'folder', 0)))
  else if (stat.isSymbolicLink()) {
    const target = await readlink(joinBytes(writing.root, path), { encoding: 'buffer' })
    refuseLinkOut(shown, target.toString('utf8'))
    await put(writing, tarHeader({ ...member(writing, path, stat, 'link', 0), link: target }))
    result.files += 1
  } else {
    result.skipped.push(shown)
    return
  }
  result.entries += 1
}

/** False when the file changed while it was read, or vanished before. */
async function addFile(writing: Writing, path: Buffer): Promise<boolean> {
  const handle = await open(
    joinBytes(writing.root, path),
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  ).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ELOOP') return null
    throw error
  })
  if (handle === null) return false
  try {
    const before = await handle.stat()
    if (!before.isFile()) return false
    await put(writing, tarHeader(member(writing, path, before, 'file', before.size)))
    await content(writing, handle, before.size)
    await put(writing, padding(before.size))
    writing.result.entries += 1
    writing.result.files += 1
    const after = await handle.stat()
    return after.size === before.size && after.mtimeMs === before.mtimeMs && after.ctimeMs === before.ctimeMs
  } finally {
    await handle.close()
  }
}

/** Exactly the bytes the header promised. */
async function content(writing: Writing, handle: FileHandle, size: number): Promise<void> {
  for (let at = 0; at < size;) {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK, size - at))
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at)
    const data = bytesRead === 0 ? buffer.fill(0) : buffer.subarray(0, bytesRead)
    await put(writing, data)
    at += data.length
    writing.bytes += data.length
    writing.request.onBytes?.(writing.bytes)
  }
}

async function put(writing: Writing, data: Buffer): Promise<void> {
  if (data.length > 0) await writing.sink.write(data)
  writing.size += data.length
}

function member(writing: Writing, path: Buffer, stat: Stats, kind: TarMember['kind'], size: number): TarMember {
  const { reproducible, prefix = '' } = writing.request
  const name = joinBytes(Buffer.from(prefix.replace(/\/+$/, '')), path)
  return {
    name: kind === 'folder' ? Buffer.concat([name, Buffer.from('/')]) : name,
    kind,
    size,
    link: Buffer.alloc(0),
    ...(reproducible
      ? { mode: plainMode(kind, stat.mode), uid: 0, gid: 0, mtime: reproducible.mtime }
      : { mode: stat.mode, uid: stat.uid, gid: stat.gid, mtime: Math.floor(stat.mtimeMs / 1000) }),
  }
}

function plainMode(kind: TarMember['kind'], mode: number): number {
  if (kind === 'link') return 0o777
  return kind === 'folder' || (mode & 0o100) !== 0 ? 0o755 : 0o644
}

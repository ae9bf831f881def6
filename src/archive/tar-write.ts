import { fstatSync } from 'node:fs'
import { resolve } from 'node:path'
import { StepFailed } from '../core/failure.ts'
import { factsOf } from './file-facts.ts'
import type { FileFacts } from './file-facts.ts'
import type { GzipSink } from './gzip-write.ts'
import { writeGzip } from './gzip-write.ts'
import { release } from './memory.ts'
import { padding, tarEnd, tarHeader } from './tar-format.ts'
import type { TarMember } from './tar-format.ts'
import { openFound, readFully } from './store-pieces.ts'
import { readSettled } from './read-settled.ts'
import type { FoundFile } from './read-settled.ts'
import { refuseLinksOut, treeEntries } from './tree.ts'
import { joinPath, pathFrom, shownPath } from './tree-path.ts'
import type { TreeEntry } from './walk.ts'
import type { Written } from './zip-output.ts'

/**
 * `paths` are taken below `root` (default: all of it) and stored under `prefix`. `to` is the archive's final name.
 * `reproducible`: the same tree gives the same bytes wherever it is made: this time (seconds since 1970) for every member, no owners, and
 * of the modes only who may execute.
 */
export type TarRequest = {
  root: string
  paths?: readonly string[]
  exclude: readonly string[]
  /** Paths, as in `tree-path.ts`, that are not taken, nor what lies below. */
  without?: ReadonlySet<string> | undefined
  to: string
  prefix?: string
  /** How hard to compress, 1 to 9. */
  level?: number | undefined
  /** Workers at most; 0 is none. Default: one a core. */
  threads?: number | undefined
  reproducible?: { mtime: number } | undefined
  onBytes?: ((done: number) => void) | undefined
  signal?: AbortSignal | undefined
}

export type TarResult = Pick<Written, 'bytes' | 'sha256' | 'entries' | 'files' | 'unsettled' | 'skipped'>

type Writing = {
  sink: GzipSink
  request: TarRequest
  root: string
  size: number
  bytes: number
  room: Buffer
  /** Where each link leads, by its path. */
  links: Map<string, string>
  result: Omit<TarResult, 'bytes' | 'sha256'>
}

const NOTHING = Buffer.alloc(0)
/** Files up to this size are read whole before their header is written. */
const SMALL = 1 << 20
/** A bundle is made once and fetched often. */
const LEVEL = 4

/**
 * Writes a tree as a `.tar.gz` (ustar, with pax headers where needed) that any tar opens: published whole under its name, or nothing is
 * left. Links are kept as links. Refused: an empty tree, a link that leads out of it, and a name that is taken. `unsettled` names files
 * that changed or vanished while they were read: a large one is in it as it was read, filled up with zeros where it became shorter.
 */
export async function writeTarGz(request: TarRequest): Promise<TarResult> {
  const { level = LEVEL, threads, signal } = request
  const sink = await writeGzip(request.to, { level, threads, signal })
  try {
    const result: Writing['result'] = { entries: 0, files: 0, unsettled: [], skipped: [] }
    const root = pathFrom(resolve(request.root))
    const writing: Writing = {
      sink,
      request,
      root,
      size: 0,
      bytes: 0,
      room: Buffer.allocUnsafe(SMALL),
      links: new Map(),
      result,
    }
    for await (const entry of treeEntries(request, sink.temporary)) {
      signal?.throwIfAborted()
      await add(writing, entry)
    }
    refuseLinksOut(writing.links)
    if (result.files === 0) throw new StepFailed('tar', `${request.root} holds nothing to archive`)
    await put(writing, tarEnd(writing.size))
    const { bytes, sha256 } = await sink.close()
    return { bytes, sha256, ...result }
  } finally {
    await sink.abort()
  }
}

async function add(writing: Writing, { path, facts, target }: TreeEntry): Promise<void> {
  const { result, root } = writing
  const { kind, key, size } = facts
  const shown = shownPath(path)
  if (kind === 'other') result.skipped.push(shown)
  else if (kind === 'gone') result.unsettled.push(shown)
  else if (kind === 'file') {
    const found = { root, path, key, size }
    const settled = await (size > SMALL ? addLarge(writing, found) : addSmall(writing, found))
    if (!settled) result.unsettled.push(shown)
  } else {
    if (kind === 'link') writing.links.set(path, target)
    await put(writing, tarHeader({ ...member(writing, path, facts, kind, 0), link: Buffer.from(target, 'latin1') }))
    result.entries += 1
    if (kind === 'link') result.files += 1
  }
}

/** False when the file never held still, or vanished: then it is not in the archive. */
async function addSmall(writing: Writing, found: FoundFile): Promise<boolean> {
  const read = readSettled(found, writing.room)
  if (read === null) return false
  const { data, facts, settled } = read
  await begin(writing, found.path, facts, data.length)
  await content(writing, data)
  await put(writing, padding(data.length))
  return settled
}

/** As `addSmall`, but its header says its size before its content is read: a file that changes meanwhile is cut or filled up to it. */
async function addLarge(writing: Writing, found: FoundFile): Promise<boolean> {
  const handle = await openFound(found)
  if (handle === null) return false
  try {
    const before = factsOf(fstatSync(handle.fd, { bigint: true }))
    await begin(writing, found.path, before, before.size)
    for (let at = 0; at < before.size;) {
      const data = await readFully(handle, at, Math.min(SMALL, before.size - at))
      const rest = data.length > 0 ? data : Buffer.alloc(Math.min(SMALL, before.size - at))
      await content(writing, rest)
      at += rest.length
      release(data)
    }
    await put(writing, padding(before.size))
    return factsOf(fstatSync(handle.fd, { bigint: true })).key === before.key
  } finally {
    await handle.close()
  }
}

async function begin(writing: Writing, path: string, facts: FileFacts, size: number): Promise<void> {
  await put(writing, tarHeader(member(writing, path, facts, 'file', size)))
  writing.result.entries += 1
  writing.result.files += 1
}

async function content(writing: Writing, data: Uint8Array): Promise<void> {
  await put(writing, data)
  writing.bytes += data.length
  writing.request.onBytes?.(writing.bytes)
}

async function put(writing: Writing, data: Uint8Array): Promise<void> {
  if (data.length > 0) await writing.sink.write(data)
  writing.size += data.length
}

function member(writing: Writing, path: string, facts: FileFacts, kind: TarMember['kind'], size: number): TarMember {
  const { reproducible, prefix = '' } = writing.request
  const name = Buffer.from(joinPath(pathFrom(prefix.replace(/\/+$/, '')), path), 'latin1')
  return {
    name: kind === 'folder' ? Buffer.concat([name, Buffer.from('/')]) : name,
    kind,
    size,
    link: NOTHING,
    ...(reproducible
      ? { mode: plainMode(kind, facts.mode), uid: 0, gid: 0, mtime: reproducible.mtime }
      : { mode: facts.mode, uid: facts.uid, gid: facts.gid, mtime: Math.floor(facts.mtimeMs / 1000) }),
  }
}

function plainMode(kind: TarMember['kind'], mode: number): number {
  if (kind === 'link') return 0o777
  return kind === 'folder' || (mode & 0o100) !== 0 ? 0o755 : 0o644
}

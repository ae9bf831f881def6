import type { Stats } from 'node:fs'
import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open, readlink, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { crc32 } from 'node:zlib'
import { StepFailed } from '../core/failure.ts'
import { codeOf, makeFolder, temporaryBeside } from '../world/files.ts'
import { sweepTemporaries } from '../world/leftovers.ts'
import { sha256File } from './checksum.ts'
import { packFile, writeAll } from './pack-file.ts'
import { publishWhole } from './publish.ts'
import { refuseLinkOut, treeEntries } from './tree.ts'
import type { TreeEntry } from './walk.ts'
import { joinBytes } from './walk.ts'
import { centralHeader, endRecords, localHeader, WIDE_FROM } from './zip-format.ts'
import type { ZipMember } from './zip-format.ts'

/** `paths` are taken below `root` (default: all of it) and stored under `prefix`. `to` is the archive's final name. */
export type ZipRequest = {
  root: string
  paths?: readonly string[]
  exclude: readonly string[]
  to: string
  prefix?: string
  /** How hard to compress, 1 to 9. */
  level?: number
  onBytes?: ((done: number) => void) | undefined
  signal?: AbortSignal | undefined
}

/**
 * `sha256` was read back from the finished file. `entries` counts all members, `files` those with content; `unsettled` names files that kept changing while they were
 * read, `skipped` what has no place in an archive (sockets, pipes, devices).
 */
export type ZipResult = {
  bytes: number
  sha256: string
  entries: number
  files: number
  unsettled: string[]
  skipped: string[]
}

/**
 * Writes a tree as a plain zip that any tool opens: published whole under its name, or nothing is left. The same tree
 * gives the same order whatever the file system's. Refused: an empty tree, a link that leads out of it, and a name that is taken.
 */
export async function writeZip(request: ZipRequest): Promise<ZipResult> {
  await makeFolder(dirname(request.to))
  await sweepTemporaries(dirname(request.to))
  const temporary = temporaryBeside(request.to)
  try {
    const { bytes, ...counted } = await writeTo(temporary, request)
    const sha256 = await sha256File(temporary, undefined, request.signal)
    await publishWhole(temporary, request.to)
    return { bytes, sha256, ...counted }
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

type Writing = {
  handle: FileHandle
  at: number
  members: ZipMember[]
  root: Buffer
  prefix: Buffer
  bytes: number
  request: ZipRequest
}

async function writeTo(temporary: string, request: ZipRequest): Promise<Omit<ZipResult, 'sha256'>> {
  const handle = await open(temporary, 'wx+', 0o600)
  try {
    const prefix = Buffer.from((request.prefix ?? '').replace(/\/+$/, ''))
    const writing: Writing = {
      handle,
      at: 0,
      members: [],
      root: Buffer.from(resolve(request.root)),
      prefix,
      bytes: 0,
      request,
    }
    const notes = { unsettled: [] as string[], skipped: [] as string[] }
    for await (const entry of treeEntries(request, temporary)) {
      request.signal?.throwIfAborted()
      await add(writing, entry, notes)
    }
    const files = writing.members.filter((member) => member.name.at(-1) !== 0x2f).length
    if (files === 0) throw new StepFailed('zip', `${request.root} holds nothing to archive`)
    await finish(writing)
    await handle.sync()
    return { bytes: writing.at, entries: writing.members.length, files, ...notes }
  } finally {
    await handle.close()
  }
}

async function add(
  writing: Writing,
  entry: TreeEntry,
  notes: { unsettled: string[]; skipped: string[] },
): Promise<void> {
  const { path, stat } = entry
  const shown = path.toString('utf8')
  if (stat.isDirectory()) return put(writing, entry, Buffer.alloc(0), '/')
  if (stat.isSymbolicLink()) {
    const target = await readlink(joinBytes(writing.root, path), { encoding: 'buffer' })
    refuseLinkOut(shown, target.toString('utf8'))
    return put(writing, entry, target, '')
  }
  if (!stat.isFile()) {
    notes.skipped.push(shown)
    return
  }
  if (!(await putFile(writing, path))) notes.unsettled.push(shown)
}

async function put(writing: Writing, { path, stat }: TreeEntry, data: Buffer, ending: string): Promise<void> {
  const member = { ...newMember(writing, path, stat, ending), crc: crc32(data), packed: data.length, size: data.length }
  const block = Buffer.concat([localHeader(member), data])
  await writeAll(writing.handle, block, writing.at)
  writing.at += block.length
  writing.members.push(member)
}

/** Reads a file up to three times until it holds still. False when it never did, or vanished. */
async function putFile(writing: Writing, path: Buffer): Promise<boolean> {
  const full = joinBytes(writing.root, path)
  const handle = await open(full, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: unknown) => {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ELOOP') return null
      throw error
    },
  )
  if (handle === null) return false
  try {
    for (let attempt = 1; ; attempt += 1) {
      const before = await handle.stat()
      if (!before.isFile()) return false
      const member = newMember(writing, path, before, '')
      const dataAt = writing.at + localHeader(member).length
      const packed = await packFile(handle, before.size, path, writing.handle, dataAt, writing.request.signal)
      const after = await handle.stat()
      const settled = packed.size === before.size && isSame(before, after)
      if (!settled && attempt < 3) continue
      Object.assign(member, packed)
      await writeAll(writing.handle, localHeader(member), writing.at)
      writing.at = dataAt + packed.packed
      writing.members.push(member)
      writing.bytes += packed.size
      writing.request.onBytes?.(writing.bytes)
      return settled
    }
  } finally {
    await handle.close()
  }
}

function isSame(a: Stats, b: Stats): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.ino === b.ino
}

function newMember(writing: Writing, path: Buffer, stat: Stats, ending: string): ZipMember {
  const name = Buffer.concat([joinBytes(writing.prefix, path), Buffer.from(ending)])
  if (name.length > 0xffff)
    throw new StepFailed('zip', `the path of ${path.subarray(-80).toString('utf8')} is longer than a zip can hold`)
  const wide = stat.isFile() && stat.size >= WIDE_FROM
  return {
    name,
    mode: stat.mode,
    modified: stat.mtime,
    method: 0,
    crc: 0,
    packed: 0,
    size: 0,
    offset: writing.at,
    wide,
  }
}

async function finish(writing: Writing): Promise<void> {
  const start = writing.at
  let pending: Buffer[] = []
  const flush = async (): Promise<void> => {
    const block = Buffer.concat(pending)
    await writeAll(writing.handle, block, writing.at)
    writing.at += block.length
    pending = []
  }
  for (const member of writing.members) {
    pending.push(centralHeader(member))
    if (pending.length >= 1_000) await flush()
  }
  await flush()
  pending.push(endRecords(writing.members.length, writing.at - start, start))
  await flush()
  // A file that shrank between two attempts may have left bytes behind the end.
  await writing.handle.truncate(writing.at)
}

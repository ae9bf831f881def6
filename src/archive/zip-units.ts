import { createHash } from 'node:crypto'
import { fstatSync, readlinkSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { StepFailed } from '../core/failure.ts'
import { deflater, PIECE } from './deflate-blocks.ts'
import type { Piece } from './deflate-blocks.ts'
import { isDatabase } from './databases.ts'
import { factsOf } from './file-facts.ts'
import { SMALL } from './pack-job.ts'
import type { PackedBatch, PackItem, Payload } from './pack-job.ts'
import type { Pool } from './pool.ts'
import { pieceReader } from './read-pieces.ts'
import { ATTEMPTS } from './read-settled.ts'
import { openIfThere, readFully, storedPiece } from './store-pieces.ts'
import { refuseLinkOut } from './tree.ts'
import type { TreeEntry } from './walk.ts'
import { joinBytes } from './walk.ts'
import type { IndexRow } from './zip-index.ts'
import type { Previous } from './zip-previous.ts'

/** A stretch of the archive, in order; what it holds may still be under way. A large member is `begin`, its pieces, and `end`. */
export type Unit =
  | { is: 'batch'; weight: number; files: Planned[]; result: Promise<PackedBatch> }
  | { is: 'skipped'; path: string }
  | { is: 'gone'; path: string }
  | { is: 'begin'; file: Planned; mode: number; mtimeMs: number; size: number; method: 0 | 8; copying: boolean }
  | ({ is: 'piece' } & Piece)
  /** What was written since `begin` is void. */
  | { is: 'again'; damaged: boolean }
  | { is: 'end'; settled: boolean; key: string; opened: number; copied: IndexRow | null }

/** A member and how it will be made; `due`: it is copied only if it is read and found to be the same. */
export type Planned = {
  path: string
  item: PackItem
  copied: IndexRow | null
  due: boolean
  content: string | null
}

export type UnitsOf = {
  root: string
  prefix: Buffer
  level: number
  digests: boolean
  pool: Pool
  previous: Previous | null
  contents: (path: string) => string | null
}

/** Compressed already: deflating them again costs time and gains nothing. */
const DENSE =
  /\.(?:7z|avif|br|bz2|gif|gz|heic|jpe?g|lz4|mov|mp[34]|m4[av]|ogg|opus|png|rar|tgz|webm|webp|woff2?|xz|zip|zst)$/i
const BATCH = 1 << 20
const MOST_IN_BATCH = 400
/** Packed bytes that are copied in one go, and the content they may stand for. */
const SHORT_COPY = 4 << 20
const ONE_GO = 32 << 20

export async function* zipUnits(entries: AsyncIterable<TreeEntry>, how: UnitsOf): AsyncGenerator<Unit> {
  let files: Planned[] = []
  let weight = 0
  const take = (): Unit => {
    const items = files.map(({ item }) => item)
    const from = how.previous?.handle.fd ?? null
    const { root, level, digests } = how
    const job = { root: Buffer.from(root).toString('latin1'), items, level, from, digests }
    const batch: Unit = { is: 'batch', weight, files, result: how.pool.run('pack', job, { brief: true }) }
    files = []
    weight = 0
    return batch
  }
  for await (const entry of entries) {
    const planned = plan(entry, how)
    if (planned === null) {
      yield { is: 'skipped', path: entry.path.toString('utf8') }
      continue
    }
    const { bytes, large } = loadOf(planned, entry.facts.size)
    if (files.length > 0 && (large || weight + bytes > BATCH || files.length >= MOST_IN_BATCH)) yield take()
    if (large) yield* largeFile(planned, entry, how)
    else {
      files.push(planned)
      weight += bytes + 64
    }
  }
  if (files.length > 0) yield take()
}

/** What making a member takes: bytes to be read, and whether that is done piece by piece. */
function loadOf({ copied, due, item }: Planned, size: number): { bytes: number; large: boolean } {
  if (copied === null || due) return { bytes: size, large: item.data === null && size > SMALL }
  // Should the copy turn out to be bad, a worker packs it in one go.
  return { bytes: copied.packed, large: copied.packed > SHORT_COPY || size > ONE_GO }
}

function plan({ path, facts }: TreeEntry, how: UnitsOf): Planned | null {
  if (facts.kind === 'other') return null
  const key = path.toString('latin1')
  const name = Buffer.concat([joinBytes(how.prefix, path), Buffer.from(facts.kind === 'folder' ? '/' : '')])
  if (name.length > 0xffff)
    throw new StepFailed('zip', `the path of ${path.subarray(-80).toString('utf8')} is longer than a zip can hold`)
  const content = facts.kind === 'file' ? how.contents(path.toString('utf8')) : null
  const copied = how.previous?.find(key, facts, content) ?? null
  const due = copied !== null && content === null && how.previous?.isDue(key) === true
  const item: PackItem = {
    path: key,
    name: name.toString('latin1'),
    mode: facts.mode,
    mtimeMs: facts.mtimeMs,
    data: dataOf(path, facts.kind, how.root),
    dense: DENSE.test(key),
    copy: copied === null ? null : placeOf(copied),
    verify: due,
    seen: facts.kind === 'file' && (copied === null || due) ? { key: facts.key, size: facts.size } : null,
  }
  return { path: key, item, copied, due, content }
}

/** Of a row only what a worker needs: there are many. */
function placeOf({ at, method, crc, packed, size, sha256 }: IndexRow): Payload & { at: number } {
  return { at, method, crc, packed, size, sha256 }
}

function dataOf(path: Buffer, kind: 'file' | 'folder' | 'link' | 'other', root: string): string | null {
  if (kind !== 'link') return kind === 'folder' ? '' : null
  const target = readlinkSync(joinBytes(Buffer.from(root), path), { encoding: 'buffer' })
  refuseLinkOut(path.toString('utf8'), target.toString('utf8'))
  return target.toString('latin1')
}

/** Copied when it can be, else read up to three times until it holds still. */
async function* largeFile(file: Planned, { path, facts }: TreeEntry, how: UnitsOf): AsyncGenerator<Unit> {
  const { mode, mtimeMs } = facts
  if (file.copied !== null && (!file.due || (await isSame(path, file.copied, how)))) {
    const { size, method } = file.copied
    yield { is: 'begin', file, mode, mtimeMs, size, method, copying: true }
    if (yield* copiedPieces(file.copied, how)) {
      yield { is: 'end', settled: true, key: '', opened: 0, copied: file.copied }
      return
    }
    yield { is: 'again', damaged: true }
  }
  const handle = await openIfThere(joinBytes(Buffer.from(how.root), path))
  if (handle === null) return yield { is: 'gone', path: file.path }
  try {
    const opened = Date.now()
    for (let attempt = 1; ; attempt += 1) {
      const before = factsOf(fstatSync(handle.fd, { bigint: true }))
      if (before.kind !== 'file') return yield { is: 'gone', path: file.path }
      const method = file.item.dense ? 0 : 8
      const { size, mode, mtimeMs } = before
      yield { is: 'begin', file, mode, mtimeMs, size, method, copying: false }
      const { length, database } = yield* readPieces(handle, before.size, method, how)
      const after = factsOf(fstatSync(handle.fd, { bigint: true }))
      const settled = length === before.size && before.key === after.key
      if (settled || attempt === ATTEMPTS) {
        const key = settled && !database ? before.key : ''
        return yield { is: 'end', settled, key, opened, copied: null }
      }
      yield { is: 'again', damaged: false }
    }
  } finally {
    await handle.close()
  }
}

/** Reads a file to compare it with what is remembered of it. */
async function isSame(path: Buffer, row: IndexRow, { root }: UnitsOf): Promise<boolean> {
  const handle = await openIfThere(joinBytes(Buffer.from(root), path))
  if (handle === null) return false
  const from = await pieceReader(handle)
  try {
    let [at, crc] = [0, 0]
    for (;;) {
      const data = await from.read(at, PIECE)
      const { length } = data
      crc = crc32(data, crc)
      at += length
      from.done(data)
      if (length < PIECE || at > row.size) return at === row.size && crc === row.crc
    }
  } finally {
    await from.close()
    await handle.close()
  }
}

/** Not more than what the file held when it was looked at: one that grows for ever must not be followed for ever. */
async function* readPieces(
  handle: FileHandle,
  size: number,
  method: 0 | 8,
  { pool, level }: UnitsOf,
): AsyncGenerator<Unit, { length: number; database: boolean }> {
  const deflate = deflater(pool, level)
  const from = await pieceReader(handle)
  let database = false
  try {
    for (let at = 0; ;) {
      const data = await from.read(at, Math.min(PIECE, size - at))
      if (at === 0) database = isDatabase(data)
      const { length } = data
      at += length
      const last = at >= size || length === 0
      const piece = method === 0 ? storedPiece(data) : deflate.piece(data, last)
      if (!piece.owned) from.done(data)
      yield { is: 'piece', ...piece }
      if (last) return { length: at, database }
    }
  } finally {
    await from.close()
  }
}

/** Whether all of it was read and agreed with its digest. */
async function* copiedPieces(row: IndexRow, { previous }: UnitsOf): AsyncGenerator<Unit, boolean> {
  if (previous === null) return false
  const digest = createHash('sha256')
  try {
    for (let at = 0; at < row.packed;) {
      const data = await readFully(previous.handle, row.at + at, Math.min(PIECE, row.packed - at))
      if (data.length === 0) return false
      digest.update(data)
      at += data.length
      const raw = Math.round((row.size * data.length) / row.packed)
      yield { is: 'piece', raw, owned: true, result: Promise.resolve({ packed: data, crc: 0 }) }
    }
  } catch {
    return false
  }
  return digest.digest('hex') === row.sha256
}

import { createHash } from 'node:crypto'
import { fstatSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { deflater, PIECE } from './deflate-blocks.ts'
import type { Piece } from './deflate-blocks.ts'
import { isDatabase } from './databases.ts'
import { isDenseName } from './dense.ts'
import { factsOf } from './file-facts.ts'
import type { PackedBatch } from './pack-job.ts'
import type { Pool } from './pool.ts'
import { pieceReader } from './read-pieces.ts'
import { ATTEMPTS, SMALL } from './read-settled.ts'
import type { FoundFile } from './read-settled.ts'
import { openFound, readFully, storedPiece } from './store-pieces.ts'
import type { TreeEntry } from './walk.ts'
import { copyGatherer } from './zip-copies.ts'
import type { Copies } from './zip-copies.ts'
import type { IndexRow } from './zip-index.ts'
import { shownPath } from './tree-path.ts'
import { refuseLinksOut } from './tree.ts'
import { planMember } from './zip-plan.ts'
import type { Planned, PlanOf } from './zip-plan.ts'

/** A stretch of the archive, in order; what it holds may still be under way. A large member is `begin`, its pieces, and `end`. */
export type Unit =
  | Batch
  | Copies
  | { is: 'skipped'; path: string }
  | { is: 'gone'; path: string }
  | { is: 'begin'; file: Planned; mode: number; mtimeMs: number; size: number; method: 0 | 8; copying: boolean }
  | ({ is: 'piece' } & Piece)
  /** What was written since `begin` is void. */
  | { is: 'again'; damaged: boolean }
  | { is: 'end'; settled: boolean; key: string; opened: number; copied: IndexRow | null }

/** Members that a worker packs. */
export type Batch = { is: 'batch'; weight: number; files: Planned[]; result: Promise<PackedBatch> }

/** Nothing is read before `still`: see `zip-write.ts`. */
export type UnitsOf = PlanOf & { level: number; digests: boolean; still: Promise<number>; pool: Pool }

const BATCH = 1 << 20
const MOST_IN_BATCH = 400
/** Packed bytes that are copied in one go, and the content they may stand for. */
const SHORT_COPY = 4 << 20
const ONE_GO = 32 << 20

export async function* zipUnits(spells: AsyncIterable<TreeEntry[]>, how: UnitsOf): AsyncGenerator<Unit> {
  const copies = how.previous === null ? null : copyGatherer(how.previous.handle.fd, how.root, SHORT_COPY, how.pool)
  let files: Planned[] = []
  let weight = 0
  // Only one of the two holds something at a time: members stay in their order.
  const take = (): Unit | null => {
    if (files.length === 0) return copies?.take() ?? null
    const batch = packUnit(files, weight, how)
    files = []
    weight = 0
    return batch
  }
  for await (const entries of spells)
    for (const entry of entries) {
      if (entry.facts.kind === 'gone') {
        yield { is: 'gone', path: entry.path }
        continue
      }
      const planned = planMember(entry, how)
      if (planned === null) {
        yield { is: 'skipped', path: shownPath(entry.path) }
        continue
      }
      const as = wayOf(planned, entry.facts.size, copies !== null)
      const full =
        as === 'copy'
          ? files.length > 0 || copies?.fits(planned.copied?.packed ?? 0) !== true
          : as === 'large' || files.length === 0 || weight + entry.facts.size > BATCH || files.length >= MOST_IN_BATCH
      const unit = full ? take() : null
      if (unit !== null) yield unit
      if (as === 'large') yield* largeFile(planned, entry, how)
      else if (as === 'copy') copies?.add(planned)
      else {
        files.push(planned)
        weight += entry.facts.size + 64
      }
    }
  refuseLinksOut(how.links)
  const unit = take()
  if (unit !== null) yield unit
}

/** Members to be packed by a worker. */
export function packUnit(files: Planned[], weight: number, { root, level, digests, still, pool }: UnitsOf): Batch {
  const job = { root, items: files.map(({ item }) => item), level, digests }
  const result = still.then(() => pool.run('pack', job, { brief: true }))
  // Whoever takes it looks at it in its own time.
  result.catch(() => undefined)
  return { is: 'batch', weight, files, result }
}

/** Folders and links go with their neighbours. Should a copy turn out to be bad, a worker packs it in one go. */
function wayOf({ copied, due, item }: Planned, size: number, copying: boolean): 'copy' | 'pack' | 'large' {
  if (item.data !== null) return copying ? 'copy' : 'pack'
  if (copied === null || (due && size > SMALL)) return size > SMALL ? 'large' : 'pack'
  return copied.packed > SHORT_COPY || size > ONE_GO ? 'large' : 'copy'
}

/** Copied when it can be, else read up to three times until it holds still. */
async function* largeFile(file: Planned, { path, facts }: TreeEntry, how: UnitsOf): AsyncGenerator<Unit> {
  const { mode, mtimeMs, key } = facts
  const found = { root: how.root, path, key, size: facts.size }
  if (file.copied !== null && (!file.due || (await isSame(found, file.copied)))) {
    const { size, method } = file.copied
    yield { is: 'begin', file, mode, mtimeMs, size, method, copying: true }
    if (yield* copiedPieces(file.copied, how)) {
      yield { is: 'end', settled: true, key: '', opened: 0, copied: file.copied }
      return
    }
    yield { is: 'again', damaged: true }
  }
  await how.still
  const handle = await openFound(found)
  if (handle === null) return yield { is: 'gone', path }
  try {
    const opened = Date.now()
    for (let attempt = 1; ; attempt += 1) {
      const before = factsOf(fstatSync(handle.fd, { bigint: true }))
      const method = isDenseName(path) ? 0 : 8
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
async function isSame(found: FoundFile, row: IndexRow): Promise<boolean> {
  const handle = await openFound(found)
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
  return digest.digest('latin1') === row.digest
}

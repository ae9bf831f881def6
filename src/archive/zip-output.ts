import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { combineCrc } from './crc-combine.ts'
import type { DigestBehind } from './digest-behind.ts'
import type { FlushBehind } from './flush-behind.ts'
import { release } from './memory.ts'
import { shownPath } from './tree-path.ts'
import { memberOf, NO_PAYLOAD } from './pack-job.ts'
import type { Payload } from './pack-job.ts'
import type { WriteBehind } from './write-behind.ts'
import { centralDirectory } from './zip-central.ts'
import { localHeader, WIDE_FROM } from './zip-format.ts'
import type { IndexWriter } from './zip-index.ts'
import type { Copies } from './zip-copies.ts'
import type { Planned } from './zip-plan.ts'
import type { Batch, Unit } from './zip-units.ts'

/**
 * `suspect`: files whose content changed though their times did not. `damaged`: members of the earlier archive that did not agree with their digest,
 * which voids its proof. `reused` counts the files that were copied from there, `reread` those
 * that were read all the same, because it was their turn.
 */
export type Written = {
  bytes: number
  sha256: string
  entries: number
  files: number
  unsettled: string[]
  skipped: string[]
  suspect: string[]
  damaged: string[]
  reused: number
  reread: number
}

type Output = {
  handle: FileHandle
  writer: WriteBehind
  behind: DigestBehind
  flush: FlushBehind
  digests: boolean
  /** Packs what turned out not to be copied. */
  pack: (files: Planned[]) => Batch
  rows: IndexWriter
  /** What was read is remembered as if opened then, when that was before: see `zip-write.ts`. */
  still: Promise<number>
  onBytes: ((done: number) => void) | undefined
}
/** What was read, and when. */
type Seen = { key: string; opened: number }
type Large = {
  unit: Extract<Unit, { is: 'begin' }>
  start: number
  header: number
  crc: number
  size: number
  packed: number
  digest: Hash
}

/** Writes units one after the other, and the directory behind them. `rows` receives what the next archive can be made from. */
export async function writeUnits(
  units: AsyncIterable<Unit>,
  { handle, writer, behind, flush, digests, pack, rows, still, onBytes }: Output,
): Promise<Written> {
  const directory = centralDirectory()
  const result = { unsettled: [], skipped: [], suspect: [], damaged: [], reused: 0, reread: 0 } as Omit<
    Written,
    'bytes' | 'sha256' | 'entries' | 'files'
  >
  let at = 0
  let done = 0
  let large: Large | null = null

  const remember = (file: Planned, payload: Payload, place: number, { key, opened }: Seen): void => {
    const { due, copied } = file
    if (due) result.reread += 1
    const differs = copied?.crc !== payload.crc || copied.size !== payload.size
    if (due && differs && key === copied?.key) result.suspect.push(shownPath(file.item.path))
    const { method, crc, packed, size, head, digest } = payload
    const row = {
      key,
      opened,
      at: place,
      content: file.content,
      method,
      crc,
      packed,
      size,
      head,
      digest,
    }
    if (digests) rows.add(file.item.path, row)
  }
  const batch = async (unit: Batch): Promise<void> => {
    const { packed, items } = await unit.result
    const since = await still
    const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.length)
    const start = at
    for (const [index, item] of items.entries()) {
      const file = unit.files[index]
      if (file === undefined) continue
      if (item.state === 'gone' || item.state === 'unsettled') result.unsettled.push(shownPath(file.item.path))
      if (item.state === 'gone') continue
      const { name } = file.item
      const { mode, mtimeMs } = item
      directory.add({ bytes, from: at - start, length: item.header }, { name, mode, mtimeMs }, item, at)
      if (file.item.data === null) {
        remember(file, item, at + item.header, { key: item.key, opened: Math.min(item.opened, since) })
        done += item.size
      }
      at += item.header + item.packed
    }
    const until = at
    await writer.put(packed, start, () => {
      release(packed)
      behind.advance(until)
    })
  }
  const copies = async ({ members: copied, result: made }: Copies): Promise<void> => {
    const { damaged, changed, bytes, done: free } = await Promise.race([made, writer.failure])
    const bad = new Set([...damaged, ...changed])
    let [from, to, start] = [0, 0, at]
    const write = async (written?: () => void): Promise<void> => {
      const until = at
      await writer.put(bytes.subarray(from, to), start, () => {
        written?.()
        behind.advance(until)
      })
    }
    for (const [index, { file, payload, head }] of copied.entries()) {
      const length = head + payload.packed
      if (bad.has(index)) {
        await write()
        if (damaged.includes(index)) result.damaged.push(shownPath(file.item.path))
        await batch(pack([file]))
        from = to + length
        start = at
      } else {
        directory.add({ bytes, from: to, length: head }, file.item, payload, at)
        if (file.copied !== null) {
          remember(file, payload, at + head, file.copied)
          result.reused += 1
          done += payload.size
        }
        at += length
      }
      to += length
    }
    await write(free)
  }
  const end = async (unit: Extract<Unit, { is: 'end' }>, one: Large): Promise<void> => {
    const { file, mode, mtimeMs, method } = one.unit
    const { copied } = unit
    const payload: Payload = copied ?? {
      method,
      crc: one.crc,
      packed: one.packed,
      size: one.size,
      head: 0,
      digest: one.digest.digest('latin1'),
    }
    const wide = one.unit.size >= WIDE_FROM
    const header = localHeader(memberOf(file.item.name, mode, mtimeMs, payload, one.start, wide))
    directory.add(
      { bytes: header, from: 0, length: header.length },
      { name: file.item.name, mode, mtimeMs },
      payload,
      one.start,
      wide,
    )
    const until = at
    await writer.put(header, one.start, () => behind.advance(until))
    const read = { key: unit.key, opened: Math.min(unit.opened, await still) }
    remember(file, payload, one.start + one.header, copied ?? read)
    if (!unit.settled) result.unsettled.push(shownPath(file.item.path))
    if (copied !== null) result.reused += 1
  }

  for await (const unit of units) {
    if (unit.is === 'batch') await batch(unit)
    else if (unit.is === 'copies') await copies(unit)
    else if (unit.is === 'skipped') result.skipped.push(unit.path)
    else if (unit.is === 'gone') {
      result.unsettled.push(shownPath(unit.path))
      large = null
    } else if (unit.is === 'begin') {
      const header = localHeader(
        memberOf(unit.file.item.name, unit.mode, unit.mtimeMs, NO_PAYLOAD, at, unit.size >= WIDE_FROM),
      ).length
      large = { unit, start: at, header, crc: 0, size: 0, packed: 0, digest: createHash('sha256') }
      at += header
    } else if (large !== null && unit.is === 'piece') {
      const { packed, crc } = await unit.result
      const { length } = packed
      if (digests && !large.unit.copying) large.digest.update(packed)
      await writer.put(packed, at, unit.owned ? () => release(packed) : undefined)
      large.crc = combineCrc(large.crc, crc, unit.raw)
      large.size += unit.raw
      large.packed += length
      at += length
      done += unit.raw
    } else if (large !== null && unit.is === 'again') {
      if (unit.damaged) result.damaged.push(shownPath(large.unit.file.item.path))
      at = large.start
      done -= large.size
    } else if (large !== null && unit.is === 'end') {
      await end(unit, large)
      large = null
    }
    flush.advance(at)
    onBytes?.(done)
  }
  at += await directory.write(writer, at)
  await writer.drain()
  // A file that shrank between two attempts may have left bytes behind the end.
  await handle.truncate(at)
  behind.advance(at)
  const [sha256] = await Promise.all([behind.digest(), flush.finish()])
  return { bytes: at, sha256, ...directory.count(), ...result }
}

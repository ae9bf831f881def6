import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { combineCrc } from './crc-combine.ts'
import type { DigestBehind } from './digest-behind.ts'
import type { FlushBehind } from './flush-behind.ts'
import { release } from './memory.ts'
import { memberOf } from './pack-job.ts'
import type { Payload } from './pack-job.ts'
import type { WriteBehind } from './write-behind.ts'
import { centralHeader, endRecords, localHeader, WIDE_FROM } from './zip-format.ts'
import type { ZipMember } from './zip-format.ts'
import type { IndexRow } from './zip-index.ts'
import type { Planned, Unit } from './zip-units.ts'

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
  rows: Map<string, IndexRow>
  onBytes: ((done: number) => void) | undefined
}
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
  { handle, writer, behind, flush, digests, rows, onBytes }: Output,
): Promise<Written> {
  const members: ZipMember[] = []
  const result = { unsettled: [], skipped: [], suspect: [], damaged: [], reused: 0, reread: 0 } as Omit<
    Written,
    'bytes' | 'sha256' | 'entries' | 'files'
  >
  let at = 0
  let done = 0
  let large: Large | null = null

  const remember = (file: Planned, payload: Payload, place: number, seen: { key: string; opened: number }): void => {
    const { due, copied } = file
    if (due) result.reread += 1
    const differs = copied?.crc !== payload.crc || copied.size !== payload.size
    if (due && differs && seen.key === copied?.key) result.suspect.push(shown(file.path))
    if (digests) rows.set(file.path, { ...seen, ...payload, at: place, content: file.content })
  }
  const batch = async (unit: Extract<Unit, { is: 'batch' }>): Promise<void> => {
    const { packed, items } = await unit.result
    const until = at + packed.length
    await writer.put(packed, at, () => {
      release(packed)
      behind.advance(until)
    })
    for (const [index, item] of items.entries()) {
      const file = unit.files[index]
      if (file === undefined) continue
      if (item.damaged) result.damaged.push(shown(file.path))
      if (item.state === 'gone' || item.state === 'unsettled') result.unsettled.push(shown(file.path))
      if (item.state === 'gone') continue
      members.push(memberOf(file.item.name, item.mode, item.mtimeMs, item, at))
      const { method, crc, size, sha256 } = item
      if (file.item.data === null) {
        const seen = item.state === 'copied' && file.copied ? file.copied : { key: item.key, opened: item.opened }
        remember(file, { method, crc, packed: item.packed, size, sha256 }, at + item.header, pick(seen))
        if (item.state === 'copied') result.reused += 1
        done += size
      }
      at += item.header + item.packed
    }
  }
  const end = async (unit: Extract<Unit, { is: 'end' }>, one: Large): Promise<void> => {
    const { file, mode, mtimeMs, method } = one.unit
    const { copied } = unit
    const payload: Payload = copied ?? {
      method,
      crc: one.crc,
      packed: one.packed,
      size: one.size,
      sha256: one.digest.digest('hex'),
    }
    const wide = one.unit.size >= WIDE_FROM
    const member = memberOf(file.item.name, mode, mtimeMs, payload, one.start, wide)
    const until = at
    await writer.put(localHeader(member), one.start, () => behind.advance(until))
    members.push(member)
    const { packed, size, crc, sha256 } = payload
    remember(file, { method: payload.method, crc, packed, size, sha256 }, one.start + one.header, pick(copied ?? unit))
    if (!unit.settled) result.unsettled.push(shown(file.path))
    if (copied !== null) result.reused += 1
  }

  for await (const unit of units) {
    if (unit.is === 'batch') await batch(unit)
    else if (unit.is === 'skipped') result.skipped.push(unit.path)
    else if (unit.is === 'gone') {
      result.unsettled.push(shown(unit.path))
      large = null
    } else if (unit.is === 'begin') {
      const header = localHeader(
        memberOf(unit.file.item.name, unit.mode, unit.mtimeMs, EMPTY, at, unit.size >= WIDE_FROM),
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
      if (unit.damaged) result.damaged.push(shown(large.unit.file.path))
      at = large.start
      done -= large.size
    } else if (large !== null && unit.is === 'end') {
      await end(unit, large)
      large = null
    }
    flush.advance(at)
    onBytes?.(done)
  }
  at += await writeDirectory(writer, members, at)
  await writer.drain()
  // A file that shrank between two attempts may have left bytes behind the end.
  await handle.truncate(at)
  behind.advance(at)
  const files = members.filter((member) => member.name.at(-1) !== 0x2f).length
  const sha256 = await behind.digest()
  await flush.end()
  return { bytes: at, sha256, entries: members.length, files, ...result }
}

const EMPTY: Payload = { method: 0, crc: 0, packed: 0, size: 0, sha256: '' }

function pick({ key, opened }: { key: string; opened: number }) {
  return { key, opened }
}

/** Its length in bytes. */
async function writeDirectory(writer: WriteBehind, members: readonly ZipMember[], start: number): Promise<number> {
  let at = start
  for (let index = 0; index < members.length; index += 1_000) {
    const block = Buffer.concat(members.slice(index, index + 1_000).map(centralHeader))
    await writer.put(block, at)
    at += block.length
  }
  const end = endRecords(members.length, at - start, start)
  await writer.put(end, at)
  return at + end.length - start
}

function shown(path: string): string {
  return Buffer.from(path, 'latin1').toString('utf8')
}

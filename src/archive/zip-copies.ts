import { crc32 } from 'node:zlib'
import { COLUMNS } from './copy-job.ts'
import type { CopyFlaws, DueFile } from './copy-job.ts'
import { memberOf } from './pack-job.ts'
import type { Payload } from './pack-job.ts'
import type { Pool } from './pool.ts'
import { localHeader } from './zip-format.ts'
import type { Planned } from './zip-plan.ts'

/**
 * A stretch of an archive out of members of the earlier one, and of folders and links between them. It will stand in `bytes` once `result` is there, but for the
 * members that could not be copied; `done` gives that memory back.
 */
export type Copies = {
  is: 'copies'
  weight: number
  members: Copied[]
  bytes: Uint8Array
  result: Promise<CopyFlaws>
  done(): void
}

/** A member as it stands in `bytes`: `head` is how long what goes before its packed bytes is. */
export type Copied = { file: Planned; payload: Payload; head: number }

/** Gathers what can be copied, in order, until there is enough for a worker. */
export type CopyGatherer = {
  /** Whether so much more has room. */
  fits(packed: number): boolean
  add(file: Planned): void
  /** What was gathered; null when that is nothing. */
  take(): Copies | null
}

/** As much is copied at a time. */
const STRETCH = 2 << 20
const MOST = 1_000
const NO_PAYLOAD: Payload = { method: 0, crc: 0, packed: 0, size: 0, sha256: '' }

/** `from` is the earlier archive's descriptor, `root` the tree's folder. */
export function copyGatherer(from: number, root: string, pool: Pool): CopyGatherer {
  const free: SharedArrayBuffer[] = []
  let members: Copied[] = []
  let heads: Buffer[] = []
  let due: DueFile[] = []
  let length = 0
  return {
    fits: (packed) => members.length < MOST && (members.length === 0 || length + packed <= STRETCH),
    add(file) {
      const { item } = file
      const data = Buffer.from(item.data ?? '', 'latin1')
      const payload =
        file.copied ??
        (data.length === 0 ? NO_PAYLOAD : { ...NO_PAYLOAD, crc: crc32(data), packed: data.length, size: data.length })
      const header = localHeader(memberOf(item.name, item.mode, item.mtimeMs, payload, 0))
      heads.push(header, data)
      if (file.due && item.seen !== null)
        due.push({ index: members.length, path: `${root}/${item.path}`, ...item.seen, crc: payload.crc })
      members.push({ file, payload, head: header.length })
      length += header.length + payload.packed
    },
    take() {
      if (members.length === 0) return null
      const room = roomFor(length)
      const table = new Float64Array(members.length * COLUMNS)
      for (const [index, { file, payload, head }] of members.entries()) {
        const row = file.copied === null ? [head + payload.packed, 0, 0] : [head, file.copied.at, payload.packed]
        table.set(row, index * COLUMNS)
      }
      const sha256 = members.map(({ file }) => file.copied?.sha256 ?? '')
      const job = { from, heads: new Uint8Array(Buffer.concat(heads)), table, sha256, room, due }
      const copies: Copies = {
        is: 'copies',
        weight: length,
        members,
        bytes: new Uint8Array(room, 0, length),
        result: pool.run('copy', job, { brief: true }),
        done: () => void free.push(room),
      }
      members = []
      heads = []
      due = []
      length = 0
      return copies
    },
  }

  /** The same memory again and again: what is new has to be fetched a page at a time. */
  function roomFor(bytes: number): SharedArrayBuffer {
    const found = free.findIndex(({ byteLength }) => byteLength >= bytes)
    return free.splice(found, found < 0 ? 0 : 1)[0] ?? new SharedArrayBuffer(Math.max(bytes, STRETCH + 65_536 * 4))
  }
}

import { crc32 } from 'node:zlib'
import type { CopyFlaws, CopyJob, DueFile } from './copy-job.ts'
import { memberOf, NO_PAYLOAD } from './pack-job.ts'
import type { Payload } from './pack-job.ts'
import type { Pool } from './pool.ts'
import { rooms } from './rooms.ts'
import { localHeader } from './zip-format.ts'
import type { Planned } from './zip-plan.ts'

/**
 * A stretch of an archive out of members of the earlier one, and of folders and links between them. `done` gives the memory of `bytes` back.
 */
export type Copies = {
  is: 'copies'
  weight: number
  members: Copied[]
  result: Promise<CopyFlaws & { bytes: Buffer; done: () => void }>
}

/** A member as it stands in the `bytes` of the result, unless it has a flaw: `head` is how long what goes before its packed bytes is. */
type Copied = { file: Planned; payload: Payload; head: number }

/** Gathers what can be copied, in order, until there is enough for a worker. */
export type CopyGatherer = {
  /** Whether so much more has room. */
  fits(packed: number): boolean
  add(file: Planned): void
  /** What was gathered; null when that is nothing. */
  take(): Copies | null
}

/** As much is copied at a time. */
const STRETCH = 1 << 20
const MOST = 1_000
const ROOM_FOR_HEADS = 128 << 10
/** Bytes being copied or written: so much memory, however much more is known already. */
const AT_A_TIME = 12 << 20
/** What is known of a member takes some hundred bytes. It is worth looking far ahead: short files take longer to find than to copy, long ones the reverse. */
const WEIGHT = 200

/** `from` is the earlier archive's descriptor, `root` the tree's folder, `longest` what a single member may have in packed bytes. */
export function copyGatherer(from: number, root: string, longest: number, pool: Pool): CopyGatherer {
  const memory = rooms(AT_A_TIME, [STRETCH + ROOM_FOR_HEADS, longest + ROOM_FOR_HEADS])
  let members: Copied[] = []
  let heads = Buffer.allocUnsafeSlow(ROOM_FOR_HEADS)
  let used = 0
  let table: number[] = []
  let digests = ''
  let due: DueFile[] = []
  let length = 0
  return {
    fits: (packed) => members.length < MOST && (members.length === 0 || length + packed <= STRETCH),
    add(file) {
      const { item } = file
      const data = item.data === null || item.data === '' ? null : Buffer.from(item.data, 'latin1')
      const payload = file.copied ?? (data === null ? NO_PAYLOAD : asItIs(data))
      let { head } = payload
      // What has one that still holds is copied with it.
      if (head === 0) {
        const header = localHeader(memberOf(item.name, item.mode, item.mtimeMs, payload, 0))
        head = header.length
        write(header)
      }
      if (data !== null) write(data)
      if (file.due && item.seen !== null)
        due.push({ index: members.length, file: { root, path: item.path, ...item.seen }, crc: payload.crc })
      // What is not out of the earlier archive is all head.
      if (file.copied === null) table.push(head + payload.packed, 0, 0)
      else table.push(head - payload.head, file.copied.at - payload.head, payload.head + payload.packed)
      // Nothing is read of what holds nothing.
      if (payload.head + payload.packed > 0) digests += payload.digest
      members.push({ file, payload, head })
      length += head + payload.packed
    },
    take() {
      if (members.length === 0) return null
      const room = memory.take(length)
      const job = {
        from,
        heads: new Uint8Array(heads.subarray(0, used)),
        table: Float64Array.from(table),
        digests,
        due,
      }
      const copies: Copies = { is: 'copies', weight: members.length * WEIGHT, members, result: copy(job, room, length) }
      // Whoever takes it looks at it in its own time.
      copies.result.catch(() => undefined)
      members = []
      used = 0
      table = []
      digests = ''
      due = []
      length = 0
      return copies
    },
  }

  function write(bytes: Buffer): void {
    if (used + bytes.length > heads.length) heads = Buffer.concat([heads, Buffer.alloc(heads.length + bytes.length)])
    bytes.copy(heads, used)
    used += bytes.length
  }

  async function copy(job: Omit<CopyJob, 'room'>, taken: Promise<SharedArrayBuffer>, bytes: number) {
    const room = await taken
    const flaws = await pool.run('copy', { ...job, room }, { brief: true })
    return { ...flaws, bytes: Buffer.from(room, 0, bytes), done: () => memory.give(room) }
  }
}

function asItIs(data: Buffer): Payload {
  return { ...NO_PAYLOAD, crc: crc32(data), packed: data.length, size: data.length }
}

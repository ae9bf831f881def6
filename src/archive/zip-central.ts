import { memberOf } from './pack-job.ts'
import type { Payload } from './pack-job.ts'
import type { WriteBehind } from './write-behind.ts'
import { CENTRAL_MORE, centralHeader, endRecords, putCentral } from './zip-format.ts'
import type { LocalHeader } from './zip-format.ts'

/** Gathers an archive's directory while its members are written. */
export type CentralDirectory = {
  /** A member whose local header begins at `at`; it is only looked at, and need not outlast the call. */
  add(local: LocalHeader, item: Named, payload: Payload, at: number, wide?: boolean): void
  /** How many members there are, and how many of them are no folders. */
  count(): { entries: number; files: number }
  /** Writes it from `start` on, with what ends the archive behind it; how many bytes that were. */
  write(writer: WriteBehind, start: number): Promise<number>
}

type Named = { name: string; mode: number; mtimeMs: number }

const BLOCK = 256 << 10
/** From there on headers are in 64 bits. */
const FAR = 0xffffffff

export function centralDirectory(): CentralDirectory {
  const blocks: Buffer[] = []
  let block = Buffer.alloc(0)
  let view = new DataView(block.buffer, 0, 0)
  let [used, entries, files, size] = [0, 0, 0, 0]
  const finish = (): void => void blocks.push(block.subarray(0, used))
  return {
    add(local, { name, mode, mtimeMs }, payload, at, wide = false) {
      const header = wide || at >= FAR ? centralHeader(memberOf(name, mode, mtimeMs, payload, at, wide)) : null
      const length = header?.length ?? local.length + CENTRAL_MORE
      if (used + length > block.length) {
        finish()
        block = Buffer.allocUnsafeSlow(BLOCK)
        view = new DataView(block.buffer)
        used = 0
      }
      const isFolder = name.endsWith('/')
      if (header === null) putCentral({ block, view, to: used }, local, mode, at, isFolder)
      else block.set(header, used)
      used += length
      size += length
      entries += 1
      if (!isFolder) files += 1
    },
    count: () => ({ entries, files }),
    async write(writer, start) {
      finish()
      let at = start
      for (const one of [...blocks, endRecords(entries, size, start)]) {
        await writer.put(one, at)
        at += one.length
      }
      return at - start
    },
  }
}

import { closeSync, fchmodSync, ftruncateSync, futimesSync, openSync, writeSync } from 'node:fs'
import { withoutHoles } from './holes.ts'
import { withInflater } from './inflate-raw.ts'
import type { Counter } from './jobs.ts'
import { contentOf, endOf, isLong, memberReader } from './read-member.ts'
import type { Stored } from './read-member.ts'

/** A file to write; its folder is there. `path` is bytes, one character each; `mtime` in seconds. */
export type UnzipItem = Stored & { path: string; mode: number; mtime: number }

/** `fd` is the archive's descriptor. */
export type UnzipJob = { fd: number; items: UnzipItem[] }

/** Members that are read together, up to so many bytes; and how many may lie between two of them. */
const RUN = 2 << 20
const GAP = 4_096

/** Writes some files out of a zip, each checked against its CRC. Files are read in runs, as they stand next to one another. */
export function unzipBatch({ fd, items }: UnzipJob, count: Counter): Promise<null> {
  return withInflater(async (inflater) => {
    const reader = memberReader(fd, inflater)
    for (const run of runs(items)) {
      const [only] = run
      if (only !== undefined && isLong(only)) {
        await writeLong(only, contentOf(fd, only, inflater), count)
        continue
      }
      reader.expect(only?.at ?? 0, Math.max(0, ...run.map(endOf)))
      for (const item of run) {
        writeShort(item, reader.read(item))
        count(item.size)
      }
    }
    return null
  })
}

function writeShort(item: UnzipItem, data: Buffer): void {
  const output = create(item)
  try {
    if (writeParts(output, data, 0) < data.length) ftruncateSync(output, data.length)
    dress(output, item)
  } finally {
    closeSync(output)
  }
}

/** Long runs of zeros become holes. Where the file ends by now, unless they are at the end. */
function writeParts(output: number, data: Buffer, position: number): number {
  let end = position
  for (const { offset, part } of withoutHoles(data)) {
    writeAllSync(output, part, position + offset)
    end = position + offset + part.length
  }
  return end
}

/** What does not agree in the end has been written, to a folder that is taken away. */
async function writeLong(item: UnzipItem, content: AsyncIterable<Buffer>, count: Counter): Promise<void> {
  const output = create(item)
  let size = 0
  try {
    for await (const piece of content) {
      writeParts(output, piece, size)
      size += piece.length
      count(piece.length)
    }
    ftruncateSync(output, size)
    dress(output, item)
  } finally {
    closeSync(output)
  }
}

/** Exclusive: whatever was planted at the name is an error and never followed. */
function create(item: UnzipItem): number {
  return openSync(Buffer.from(item.path, 'latin1'), 'wx', 0o600)
}

function dress(output: number, { mode, mtime }: UnzipItem): void {
  fchmodSync(output, mode)
  // As text: of a number before 1970 Node makes now.
  futimesSync(output, String(mtime), String(mtime))
}

function writeAllSync(output: number, data: Buffer, position: number): void {
  for (let done = 0; done < data.length;) done += writeSync(output, data, done, data.length - done, position + done)
}

function runs(items: readonly UnzipItem[]): UnzipItem[][] {
  const found: UnzipItem[][] = []
  for (const item of items.toSorted((a, b) => a.at - b.at)) {
    const run = found.at(-1)
    const before = run?.at(-1)
    const near = before !== undefined && !isLong(before) && !isLong(item) && item.at - endOf(before) <= GAP
    if (near && endOf(item) - (run?.[0]?.at ?? 0) <= RUN) run?.push(item)
    else found.push([item])
  }
  return found
}

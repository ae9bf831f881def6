import { readFileSync } from 'node:fs'
import { parseChecksums } from '../../src/archive/checksum-list.ts'
import { gzipFile } from '../../src/archive/gzip-file.ts'
import { hashFiles } from '../../src/archive/hash-files.ts'
import { writeTarGz } from '../../src/archive/tar-write.ts'
import { extractZip } from '../../src/archive/zip-read.ts'
import { writeZip } from '../../src/archive/zip-write.ts'
import type { PreviousZip } from '../../src/archive/zip-previous.ts'

/** One piece of our own work in a process of its own, so that its memory can be told apart: the second argument says which. */
export type Task =
  | { do: 'zip'; root: string; to: string; index: string; previous?: PreviousZip }
  | { do: 'tar'; root: string; to: string }
  | { do: 'gzip'; from: string; to: string }
  | { do: 'verify'; root: string; list: string }
  | { do: 'unzip'; from: string; to: string }

/** `bytes` are those of what was made, where something was. */
export type Done = { ms: number; peakMb: number; bytes: number; sha256: string }

const DOES: { [K in Task['do']]: (task: Extract<Task, { do: K }>) => Promise<{ bytes: number; sha256?: string }> } = {
  zip: ({ do: _, ...request }) => writeZip({ exclude: [], ...request }),
  tar: ({ root, to }) => writeTarGz({ root, exclude: ['.git'], to, reproducible: { mtime: 1_700_000_000 } }),
  gzip: ({ from, to }) => gzipFile(from, to),
  verify: async ({ root, list }) => {
    const lines = parseChecksums(readFileSync(list, 'utf8'))
    const found = await hashFiles(
      root,
      lines.map(({ path }) => path),
    )
    const wrong = lines.filter(({ path, sha256 }) => found.get(path)?.sha256 !== sha256)
    if (wrong.length > 0) throw new Error(`${wrong.length} files do not agree with the list`)
    return { bytes: 0 }
  },
  unzip: ({ from, to }) => extractZip(from, to),
}

const task = JSON.parse(process.argv[2] ?? '') as Task
const began = performance.now()
const { bytes, sha256 = '' } = await DOES[task.do](task as never)
const done: Done = { ms: performance.now() - began, peakMb: process.resourceUsage().maxRSS / 1024, bytes, sha256 }
process.stdout.write(JSON.stringify(done))

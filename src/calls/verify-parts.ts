import { lstat } from 'node:fs/promises'
import { sha256File } from '../archive/checksum.ts'
import type { BackupRecord, Part } from '../core/backup.ts'
import { partFile } from '../core/part-file.ts'
import type { Io } from '../core/plan.ts'

export type Verified = Pick<BackupRecord, 'id' | 'kind' | 'path' | 'parts' | 'digest' | 'commit' | 'origin' | 'bytes'>

/** What does not hold: of which part (`*`: of the whole), and how. */
export type Flaw = { part: string; why: string }

/**
 * What was read: the digest proofs refer to, how many bytes, everything that does not hold, and by their paths the hashes of
 * parts whose record has none.
 */
export type Read = { digest: string; bytes: number; flaws: Flaw[]; sums: ReadonlyMap<string, string> }

/** Hashes files one after the other, telling how far all of them together have come. */
export type Reader = {
  hash(file: string): Promise<string>
  bytes(): number
  sums: Map<string, string>
}

/** A reader for one backup; its parts say how much there is. */
export function readerOf(backup: Verified, io: Io): Reader {
  const total = backup.parts.reduce((sum, part) => sum + Math.max(0, part.bytes), 0) || backup.bytes
  let before = 0
  return {
    async hash(file) {
      const { size } = await lstat(file)
      const base = before
      const tell = (done: number) => io.bytes(base + done, Math.max(total, base + done))
      const sha256 = await sha256File(file, tell, io.signal)
      before += size
      return sha256
    },
    bytes: () => before,
    sums: new Map(),
  }
}

/** What does not hold of one part. */
export async function partFlaws(backup: Verified, part: Part, root: string, reader: Reader): Promise<Flaw[]> {
  const file = partFile(root, backup, part)
  const flaw = (why: string): Flaw[] => [{ part: part.path, why: `${part.path} ${why}` }]
  const stat = await lstat(file).catch(() => null)
  if (stat === null) return flaw('is missing')
  if (!stat.isFile()) return flaw('is no plain file any more')
  // Some that were found do not even say their size.
  if (stat.size < part.bytes) return flaw(`is cut short: ${stat.size} of ${part.bytes} bytes`)
  if (part.bytes >= 0 && stat.size > part.bytes) return flaw(`has grown: ${stat.size} bytes, not ${part.bytes}`)
  const sha256 = await reader.hash(file)
  if (part.sha256 === '') reader.sums.set(part.path, sha256)
  return part.sha256 === '' || sha256 === part.sha256 ? [] : flaw('has other bytes than were recorded')
}

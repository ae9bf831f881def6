import type { ArchiveEntry, ArchiveLimits } from './entries.ts'
import { treeFlaw } from './entries.ts'

/** A member of a zip as its directory describes it; `at` is where its local header begins. */
export type ZipEntry = ArchiveEntry & { packed: number; crc: number; method: 0 | 8; at: number }

/** The fixed part of a local header, in bytes (APPNOTE 4.3.7); how long its name is there is not known here. */
const HEADER = 30
const TYPE = 0o170000
const KINDS: Record<number, ZipEntry['kind']> = { 0: 'file', 0o100000: 'file', 0o040000: 'folder', 0o120000: 'link' }

/** Kind of a member from its Unix mode and name; null for what must not be unpacked (devices, pipes, sockets). */
export function entryKind(mode: number, name: Buffer): ZipEntry['kind'] | null {
  if (name.at(-1) === 0x2f) return (mode & TYPE) === 0 || (mode & TYPE) === 0o040000 ? 'folder' : null
  const kind = KINDS[mode & TYPE] ?? null
  return kind === 'folder' ? null : kind
}

/** Why the archive as a whole must be refused, or null. Looks at everything before anything is written. */
export function zipFlaw(entries: readonly ZipEntry[], archiveBytes: number, limits: ArchiveLimits): string | null {
  const flaw = treeFlaw(entries, limits)
  if (flaw !== null) return flaw
  const over = overlapping(entries)
  if (over) return `${over.name.toString('utf8')} claims bytes of another member: they overlap`
  const beyond = entries.find(({ at, packed }) => at + HEADER + packed > archiveBytes)
  if (beyond) return `${beyond.name.toString('utf8')} claims more bytes than there are`
  // Deflate cannot do better than 1,032 to 1.
  const bomb = entries.find((entry) => entry.size > entry.packed * 1_040 + 4_096)
  return bomb ? `${bomb.name.toString('utf8')} claims an impossible size` : null
}

/**
 * The second of two members that share bytes. Whoever packs gives each its own; a bomb shares them (D. Fifield, "A better zip
 * bomb", WOOT 2019).
 */
function overlapping(entries: readonly ZipEntry[]): ZipEntry | undefined {
  let end = 0
  return entries
    .toSorted((one, other) => one.at - other.at)
    .find(({ at, packed }) => {
      const shares = at < end
      end = at + HEADER + packed
      return shares
    })
}

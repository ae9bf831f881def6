import { posix } from 'node:path'
import { linksOut } from './links-out.ts'
import { shownPath } from './tree-path.ts'

/** A member as a stranger's archive describes it. `link` is where a symbolic link leads, one character a byte. */
export type ArchiveEntry = {
  name: Buffer
  kind: 'file' | 'folder' | 'link'
  /** Unix mode, with the bits of its type where that was said; 0 when the archive does not say. */
  mode: number
  modified: Date
  /** Bytes of the content. */
  size: number
  link: string | null
}

/** What an archive may hold at most, in bytes and members. */
export type ArchiveLimits = { bytes: number; entries: number }

export const LIMITS: ArchiveLimits = { bytes: 200_000_000_000, entries: 2_000_000 }

/** Why a name must not be unpacked, or null. Drives and backslashes mean something on Windows alone: elsewhere files have such names. */
export function nameFlaw(name: Buffer, windows: boolean = process.platform === 'win32'): string | null {
  const text = name.toString('latin1')
  if (text === '' || text === '/') return 'has an empty name'
  if (text.includes('\0')) return 'has a NUL in its name'
  if (text.startsWith('/') || (windows && /^(?:[A-Za-z]:|\\)/.test(text))) return 'has an absolute path'
  const parts = text.replace(/\/$/, '').split('/')
  if (parts.some((part) => part === '..' || (windows && part.split('\\').includes('..')))) return 'leads out by ".."'
  if (parts.some((part) => part === '' || part === '.')) return 'has an empty or "." part in its path'
  return parts.some((part) => part.length > 255) ? 'has a name longer than 255 bytes' : null
}

/** Why the archive as a whole must be refused, or null. Looks at everything before anything is written. */
export function treeFlaw(entries: readonly ArchiveEntry[], limits: ArchiveLimits): string | null {
  if (entries.length > limits.entries) return `it holds more than ${limits.entries} entries`
  const total = entries.reduce((sum, entry) => sum + entry.size, 0)
  if (!Number.isSafeInteger(total) || total > limits.bytes)
    return `it would unpack to ${total} bytes, more than the ${limits.bytes} allowed`
  return duplicateOrCovered(entries) ?? linkOut(entries)
}

/** Names as the bytes they are, one character a byte, without a folder's slash. */
export function entryKey(entry: { name: Buffer }): string {
  return entry.name.toString('latin1').replace(/\/$/, '')
}

/** Whether a member is the path asked for, or lies in it. */
export function isWithin(entry: { name: Buffer }, path: string): boolean {
  const wanted = Buffer.from(path.replace(/^\.\//, '').replace(/\/+$/, ''), 'utf8').toString('latin1')
  const key = entryKey(entry)
  return key === wanted || key.startsWith(`${wanted}/`)
}

/** Two members of one name, or one that would be written through a file or a link of the same archive. */
function duplicateOrCovered(entries: readonly ArchiveEntry[]): string | null {
  const kinds = new Map<string, ArchiveEntry['kind']>()
  for (const entry of entries) {
    const path = entryKey(entry)
    const before = kinds.get(path)
    if (before !== undefined) return `${show(entry.name)} is in it twice`
    kinds.set(path, entry.kind)
  }
  const fine = new Set<string>(['.'])
  for (const entry of entries) {
    for (let parent = posix.dirname(entryKey(entry)); !fine.has(parent); parent = posix.dirname(parent)) {
      const kind = kinds.get(parent)
      if (kind === 'link') return `${show(entry.name)} would be written through a link`
      if (kind === 'file') return `${show(entry.name)} lies in something that is a file`
      fine.add(parent)
    }
  }
  return null
}

/** A link whose end, followed through the archive's other links, lies outside. */
function linkOut(entries: readonly ArchiveEntry[]): string | null {
  const links = new Map(
    entries.flatMap((entry) => (entry.kind === 'link' ? [[entryKey(entry), entry.link ?? ''] as const] : [])),
  )
  const [path] = linksOut(links)
  return path === undefined
    ? null
    : `${shownPath(path)} is a link that leads out, to ${shownPath(links.get(path) ?? '')}`
}

function show(name: Buffer): string {
  return name.toString('utf8')
}

import { posix } from 'node:path'

/** A member as a stranger's archive describes it. `link` is where a symbolic link leads. */
export type ZipEntry = {
  name: Buffer
  kind: 'file' | 'folder' | 'link'
  mode: number
  modified: Date
  size: number
  packed: number
  crc: number
  link: string | null
}

/** What an archive may hold at most, in bytes and members. */
export type ZipLimits = { bytes: number; entries: number }

const TYPE = 0o170000
const KINDS: Record<number, ZipEntry['kind']> = { 0: 'file', 0o100000: 'file', 0o040000: 'folder', 0o120000: 'link' }

/** Kind of a member from its Unix mode and name; null for what must not be unpacked (devices, pipes, sockets). */
export function entryKind(mode: number, name: Buffer): ZipEntry['kind'] | null {
  if (name.at(-1) === 0x2f) return (mode & TYPE) === 0 || (mode & TYPE) === 0o040000 ? 'folder' : null
  const kind = KINDS[mode & TYPE] ?? null
  return kind === 'folder' ? null : kind
}

/** Why a name must not be unpacked, or null. */
export function nameFlaw(name: Buffer): string | null {
  const text = name.toString('latin1')
  if (text === '' || text === '/') return 'has an empty name'
  if (text.includes('\0')) return 'has a NUL in its name'
  if (text.startsWith('/') || /^[A-Za-z]:[\\/]/.test(text)) return 'has an absolute path'
  const parts = text.replace(/\/$/, '').split('/')
  if (parts.some((part) => part === '..') || /(?:^|\\)\.\.(?:\\|$)/.test(text)) return 'leads out by ".."'
  if (parts.some((part) => part === '' || part === '.')) return 'has an empty or "." part in its path'
  return parts.some((part) => part.length > 255) ? 'has a name longer than 255 bytes' : null
}

/** Why the archive as a whole must be refused, or null. Looks at everything before anything is written. */
export function archiveFlaw(entries: readonly ZipEntry[], archiveBytes: number, limits: ZipLimits): string | null {
  if (entries.length > limits.entries) return `it holds more than ${limits.entries} entries`
  const total = entries.reduce((sum, entry) => sum + entry.size, 0)
  if (!Number.isSafeInteger(total) || total > limits.bytes)
    return `it would unpack to ${total} bytes, more than the ${limits.bytes} allowed`
  const packed = entries.reduce((sum, entry) => sum + entry.packed, 0)
  if (packed > archiveBytes) return 'its members claim more bytes than it has: they overlap'
  // Deflate cannot do better than 1,032 to 1.
  const bomb = entries.find((entry) => entry.size > entry.packed * 1_040 + 4_096)
  if (bomb) return `${show(bomb.name)} claims an impossible size`
  return duplicateOrCovered(entries) ?? linkOut(entries)
}

/** Two members of one name, or one that would be written through a file or a link of the same archive. */
function duplicateOrCovered(entries: readonly ZipEntry[]): string | null {
  const kinds = new Map<string, ZipEntry['kind']>()
  for (const entry of entries) {
    const path = key(entry)
    const before = kinds.get(path)
    if (before !== undefined) return `${show(entry.name)} is in it twice`
    kinds.set(path, entry.kind)
  }
  for (const entry of entries) {
    for (let parent = posix.dirname(key(entry)); parent !== '.'; parent = posix.dirname(parent)) {
      const kind = kinds.get(parent)
      if (kind === 'link') return `${show(entry.name)} would be written through a link`
      if (kind === 'file') return `${show(entry.name)} lies in something that is a file`
    }
  }
  return null
}

/** A link whose end, followed through the archive's other links, lies outside. */
function linkOut(entries: readonly ZipEntry[]): string | null {
  const links = new Map(
    entries.flatMap((entry) => (entry.kind === 'link' ? [[key(entry), entry.link ?? ''] as const] : [])),
  )
  for (const [path, target] of links) {
    if (!staysInside(posix.dirname(path), target, links)) return `${path} is a link that leads out, to ${target}`
  }
  return null
}

function staysInside(from: string, target: string, links: ReadonlyMap<string, string>): boolean {
  const at = from === '.' ? [] : from.split('/')
  const todo = split(target)
  let hops = 0
  if (target === '' || target.startsWith('/') || target.includes('\0')) return false
  for (let part = todo.shift(); part !== undefined; part = todo.shift()) {
    if (part === '..') {
      if (at.pop() === undefined) return false
      continue
    }
    at.push(part)
    const next = links.get(at.join('/'))
    if (next === undefined) continue
    // A ring of links leads nowhere, and nowhere is not outside; but no honest tree has one this long.
    if ((hops += 1) > 40 || next.startsWith('/')) return false
    at.pop()
    todo.unshift(...split(next))
  }
  return true
}

function split(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.')
}

/** Names as the bytes they are, one character a byte. */
function key(entry: ZipEntry): string {
  return entry.name.toString('latin1').replace(/\/$/, '')
}

function show(name: Buffer): string {
  return name.toString('utf8')
}

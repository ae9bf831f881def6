import type { ArchiveEntry } from './entries.ts'
import { nameFlaw } from './entries.ts'
import { BLOCK, padding } from './tar-format.ts'
import { paxNumber, readHeader, readPax } from './tar-header.ts'
import type { TarHeader } from './tar-header.ts'

/** `hard` is the earlier member this is a second name of. */
export type TarEntry = ArchiveEntry & { hard: Buffer | null }

/** A pax header or a long name may be this long; longer ones are no honest archive's. */
const LONGEST_EXTRA = 1 << 20
const KINDS: Record<string, ArchiveEntry['kind']> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'file',
  '2': 'link',
  '5': 'folder',
}
const TYPES = { file: 0o100000, folder: 0o040000, link: 0o120000 } as const

/**
 * Reads a tar (V7, ustar, pax, GNU long names) as it streams by. Each member's content must be taken before the next one is asked
 * for; what is left is passed over. Throws on anything malformed, on what must not be unpacked, and on a missing end.
 */
export async function* tarMembers(
  source: AsyncIterable<Buffer>,
): AsyncGenerator<{ entry: TarEntry; content: AsyncIterable<Buffer> }> {
  const bytes = reader(source)
  try {
    let pax = new Map<string, Buffer>()
    for (;;) {
      const block = await bytes.exactly(BLOCK)
      if (block.every((byte) => byte === 0)) break
      const header = readHeader(block)
      if ('xgLK'.includes(header.type)) {
        if (header.size > LONGEST_EXTRA) throw new Error('a header is longer than any honest one')
        const body = await bytes.exactly(header.size)
        await bytes.exactly(padding(header.size).length)
        if (header.type === 'x') pax = new Map([...pax, ...readPax(body)])
        else if (header.type === 'g') refuseGlobal(readPax(body))
        else pax.set(header.type === 'L' ? 'path' : 'linkpath', untilNul(body))
        continue
      }
      const entry = entryOf(header, pax)
      pax = new Map()
      const size = entry?.size ?? 0
      let left = size
      const content = async function* (): AsyncGenerator<Buffer> {
        while (left > 0) {
          const chunk = await bytes.some(left)
          left -= chunk.length
          yield chunk
        }
      }
      if (entry !== null) yield { entry, content: content() }
      while (left > 0) left -= (await bytes.some(left)).length
      await bytes.exactly(padding(size).length)
    }
    for (let rest = await bytes.more(); rest !== null; rest = await bytes.more())
      if (!rest.every((byte) => byte === 0)) throw new Error('something stands behind its end')
  } finally {
    // Whoever stops early, or finds it broken, lets the file behind it be closed.
    await bytes.end()
  }
}

/** Null for a member that is the root itself. */
function entryOf(header: TarHeader, pax: ReadonlyMap<string, Buffer>): TarEntry | null {
  const raw = pax.get('path') ?? header.name
  const kind = KINDS[header.type]
  const shown = raw.toString('utf8')
  if (kind === undefined) throw new Error(`${shown} is a device, a pipe or something else that is no file`)
  if ([...pax.keys()].some((key) => key.startsWith('GNU.sparse.')))
    throw new Error(`${shown} is stored as a sparse file`)
  const name = bare(raw)
  if (name.length === 0 && (kind === 'folder' || header.type === '5')) return null
  const flaw = nameFlaw(name)
  if (flaw !== null) throw new Error(`${shown} ${flaw}`)
  const target = pax.get('linkpath') ?? header.link
  const isFolder = kind === 'folder' || (kind === 'file' && name.at(-1) === 0x2f)
  const plain = kind === 'file' && !isFolder && header.type !== '1'
  const size = pax.get('size')
  const bytes = size === undefined ? header.size : paxNumber(size, 'a size')
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw new Error(`${shown} has an absurd size`)
  if (!plain && bytes !== 0 && header.type !== '5') throw new Error(`${shown} is no file, but has content`)
  const mtime = pax.get('mtime')
  const found = isFolder ? 'folder' : kind
  return {
    name,
    kind: found,
    // With its type, as in a zip: a file that nobody may open is not one whose mode was left out.
    mode: header.mode === null ? 0 : TYPES[found] | header.mode,
    modified: new Date((mtime === undefined ? header.mtime : paxNumber(mtime, 'a time')) * 1000),
    size: plain ? bytes : 0,
    link: header.type === '2' ? target.toString('latin1') : null,
    hard: header.type === '1' ? bare(target) : null,
  }
}

/** Without the `./` that many archives put before every name. */
function bare(name: Buffer): Buffer {
  const text = name.toString('latin1')
  const plain = text.replace(/^(?:\.\/+)+/, '').replace(/\/+$/, '/')
  return plain === '.' || (plain === '/' && text.startsWith('.')) ? Buffer.alloc(0) : Buffer.from(plain, 'latin1')
}

/** git writes its commit there; what would change every member's name or size is not understood. */
function refuseGlobal(records: ReadonlyMap<string, Buffer>): void {
  for (const key of ['path', 'linkpath', 'size'])
    if (records.has(key)) throw new Error(`a global header sets every ${key}`)
}

function untilNul(body: Buffer): Buffer {
  const end = body.indexOf(0)
  return end < 0 ? body : body.subarray(0, end)
}

function reader(source: AsyncIterable<Buffer>) {
  const from = source[Symbol.asyncIterator]()
  let kept: Buffer = Buffer.alloc(0)
  const more = async (): Promise<Buffer | null> => {
    if (kept.length > 0) {
      const all = kept
      kept = Buffer.alloc(0)
      return all
    }
    const { value, done } = await from.next()
    return done === true ? null : value
  }
  const some = async (most: number): Promise<Buffer> => {
    const chunk = await more()
    if (chunk === null) throw new Error('it ends early')
    kept = chunk.subarray(most)
    return chunk.subarray(0, most)
  }
  const exactly = async (length: number): Promise<Buffer> => {
    const parts: Buffer[] = []
    for (let have = 0; have < length;) {
      const part = await some(length - have)
      parts.push(part)
      have += part.length
    }
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
  }
  return { some, exactly, more, end: async () => void (await from.return?.()) }
}

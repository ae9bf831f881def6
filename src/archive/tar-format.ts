import type { ArchiveEntry } from './entries.ts'

/**
 * The layout of a tar member, by POSIX.1-2017, "pax", sections "ustar Interchange Format" and "pax Header Block": a header
 * block of 512 bytes, then the content, padded to whole blocks. What a header cannot hold stands in a pax header before it.
 */
export const BLOCK = 512

export type TarMember = {
  name: Buffer
  kind: ArchiveEntry['kind']
  mode: number
  uid: number
  gid: number
  size: number
  /** Seconds since 1970. */
  mtime: number
  link: Buffer
}

const TYPES = { file: '0', folder: '5', link: '2' } as const
/** What eleven octal digits hold: 8 GiB in bytes, the year 2242 in seconds. */
const OCTAL11 = 0o77777777777
const OCTAL7 = 0o7777777

/** The header of a member, with a pax header before it where a value does not fit. A folder's name ends in `/`. */
export function tarHeader(member: TarMember): Buffer {
  const split = splitName(member.name)
  const records: [string, Buffer | string][] = []
  if (split === null) records.push(['path', member.name])
  if (member.link.length > 100) records.push(['linkpath', member.link])
  if (member.size > OCTAL11) records.push(['size', String(member.size)])
  if (member.uid > OCTAL7) records.push(['uid', String(member.uid)])
  if (member.gid > OCTAL7) records.push(['gid', String(member.gid)])
  if (member.mtime < 0 || member.mtime > OCTAL11) records.push(['mtime', String(member.mtime)])
  const { name, prefix } = split ?? { name: member.name.subarray(0, 100), prefix: Buffer.alloc(0) }
  const header = ustar({ ...member, name, link: member.link.subarray(0, 100) }, TYPES[member.kind], prefix)
  if (records.length === 0) return header
  // Values are UTF-8 unless said otherwise; a name that is none is kept as the bytes it is.
  const odd = records.some(([, value]) => typeof value !== 'string' && !isUtf8(value))
  const body = Buffer.concat([
    ...(odd ? [paxRecord('hdrcharset', 'BINARY')] : []),
    ...records.map(([k, v]) => paxRecord(k, v)),
  ])
  const pax = { ...member, name: Buffer.from('PaxHeader/pax'), size: body.length, mode: 0o644, link: Buffer.alloc(0) }
  return Buffer.concat([ustar(pax, 'x', Buffer.alloc(0)), body, padding(body.length), header])
}

/** What fills a member of `size` bytes up to whole blocks. */
export function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK)
}

/** Two empty blocks end an archive, filled up to a record of twenty blocks. */
export function tarEnd(size: number): Buffer {
  const record = 20 * BLOCK
  return Buffer.alloc(2 * BLOCK + ((record - ((size + 2 * BLOCK) % record)) % record))
}

function ustar(member: TarMember, type: string, prefix: Buffer): Buffer {
  const block = Buffer.alloc(BLOCK)
  member.name.copy(block, 0)
  octal(block, 100, 8, member.mode & 0o7777)
  octal(block, 108, 8, member.uid > OCTAL7 ? 0 : member.uid)
  octal(block, 116, 8, member.gid > OCTAL7 ? 0 : member.gid)
  octal(block, 124, 12, member.size > OCTAL11 ? 0 : member.size)
  octal(block, 136, 12, member.mtime < 0 || member.mtime > OCTAL11 ? 0 : member.mtime)
  block.write('        ', 148)
  block.write(type, 156)
  member.link.copy(block, 157)
  block.write('ustar\u000000', 257)
  prefix.copy(block, 345)
  let sum = 0
  for (const byte of block) sum += byte
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

function octal(block: Buffer, at: number, width: number, value: number): void {
  block.write(value.toString(8).padStart(width - 1, '0'), at)
}

/** A name of up to 100 bytes, or one that has a slash where 155 bytes go before and 100 after it; else null. */
function splitName(name: Buffer): { name: Buffer; prefix: Buffer } | null {
  if (name.length <= 100) return { name, prefix: Buffer.alloc(0) }
  if (name.length > 256) return null
  const slash = name.indexOf(0x2f, name.length - 101)
  if (slash <= 0 || slash > 155 || slash === name.length - 1) return null
  return { name: name.subarray(slash + 1), prefix: name.subarray(0, slash) }
}

/** "LENGTH KEY=VALUE\n", where the length counts its own digits. */
function paxRecord(key: string, value: Buffer | string): Buffer {
  const body = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value as string), Buffer.from('\n')])
  let length = body.length + String(body.length).length
  if (String(length).length > String(body.length).length) length += 1
  return Buffer.concat([Buffer.from(String(length)), body])
}

function isUtf8(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString('utf8'), 'utf8').equals(bytes)
}

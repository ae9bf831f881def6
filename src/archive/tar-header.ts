import { BLOCK } from './tar-format.ts'

/** A header block as it was read; `type` is its letter. Fields are raw bytes up to their first NUL. */
export type TarHeader = {
  name: Buffer
  /** Null where the field was left blank. */
  mode: number | null
  size: number
  mtime: number
  type: string
  link: Buffer
}

/** Reads one header block of any tar (V7, ustar, GNU). Throws, saying why, when it is none. */
export function readHeader(block: Buffer): TarHeader {
  const stored = number(block, 148, 8, 'its checksum')
  let sum = 8 * 32
  for (let at = 0; at < BLOCK; at += 1) if (at < 148 || at >= 156) sum += block[at] ?? 0
  if (sum !== stored) throw new Error('a header does not agree with its checksum')
  const magic = block.toString('latin1', 257, 263)
  const name = field(block, 0, 100)
  // GNU's own format keeps times where ustar keeps the prefix.
  const prefix = magic === 'ustar\0' ? field(block, 345, 155) : Buffer.alloc(0)
  return {
    name: prefix.length > 0 ? Buffer.concat([prefix, Buffer.from('/'), name]) : name,
    mode: isBlank(block, 100, 8) ? null : number(block, 100, 8, 'a mode') & 0o7777,
    size: number(block, 124, 12, 'a size'),
    mtime: number(block, 136, 12, 'a time'),
    type: block.toString('latin1', 156, 157),
    link: field(block, 157, 100),
  }
}

/** The records of a pax header. Throws when one is malformed. */
export function readPax(body: Buffer): Map<string, Buffer> {
  const records = new Map<string, Buffer>()
  for (let at = 0; at < body.length;) {
    const space = body.indexOf(0x20, at)
    const digits = space < 0 || space - at > 12 ? '' : body.toString('latin1', at, space)
    const end = at + Number(digits)
    const equals = body.indexOf(0x3d, space)
    if (!/^\d+$/.test(digits) || end > body.length || equals < 0 || equals >= end || body[end - 1] !== 0x0a)
      throw new Error('a pax header is malformed')
    records.set(body.toString('utf8', space + 1, equals), body.subarray(equals + 1, end - 1))
    at = end
  }
  return records
}

/** A decimal number of a pax record. Times may have a fraction. */
export function paxNumber(value: Buffer, what: string): number {
  const text = value.toString('latin1')
  const parsed = Number(text)
  if (!/^-?\d+(\.\d*)?$/.test(text) || !Number.isSafeInteger(Math.trunc(parsed)))
    throw new Error(`${what} is malformed`)
  return parsed
}

function field(block: Buffer, at: number, length: number): Buffer {
  const end = block.indexOf(0, at)
  return Buffer.from(block.subarray(at, end < 0 || end > at + length ? at + length : end))
}

function isBlank(block: Buffer, at: number, length: number): boolean {
  return field(block, at, length).toString('latin1').trim() === ''
}

/** Octal digits, or GNU's base 256 when the first bit is set. */
function number(block: Buffer, at: number, length: number, what: string): number {
  const first = block[at] ?? 0
  if ((first & 0x80) !== 0) {
    const bytes = BigInt.asIntN(length * 8 - 1, BigInt(`0x${block.toString('hex', at, at + length)}`))
    if (bytes > BigInt(Number.MAX_SAFE_INTEGER) || bytes < BigInt(Number.MIN_SAFE_INTEGER))
      throw new Error(`${what} is absurd`)
    return Number(bytes)
  }
  const text = field(block, at, length).toString('latin1').trim()
  if (!/^[0-7]*$/.test(text)) throw new Error(`${what} is malformed`)
  return Number.parseInt(text || '0', 8)
}

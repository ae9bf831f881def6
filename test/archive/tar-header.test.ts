import { expect, test } from 'vitest'
import { readHeader, readPax } from '../../src/archive/tar-header.ts'
import { tarHeader } from '../../src/archive/tar-format.ts'
import type { TarMember } from '../../src/archive/tar-format.ts'

const plain: TarMember = {
  name: Buffer.from('file'),
  kind: 'file',
  mode: 0o100644,
  uid: 1_000,
  gid: 1_000,
  size: 5,
  mtime: 1_700_000_000,
  link: Buffer.alloc(0),
}

/** The pax records before a member, if any, and its own header. */
function written(change: Partial<TarMember>) {
  const bytes = tarHeader({ ...plain, ...change })
  const own = readHeader(bytes.subarray(-512))
  if (bytes.length === 512) return { records: {}, own }
  const first = readHeader(bytes.subarray(0, 512))
  expect(first.type).toBe('x')
  const records = readPax(bytes.subarray(512, 512 + first.size))
  return { records: Object.fromEntries([...records].map(([key, value]) => [key, value.toString('latin1')])), own }
}

test('an ordinary member needs one block and no pax header', () => {
  expect(written({})).toEqual({
    records: {},
    own: { name: plain.name, mode: 0o644, size: 5, mtime: 1_700_000_000, type: '0', link: Buffer.alloc(0) },
  })
})

test('a name of 100 bytes fits, a longer one is split at a slash, and one that cannot be split goes before', () => {
  expect(written({ name: Buffer.from('n'.repeat(100)) }).records).toEqual({})
  const split = `${'d'.repeat(120)}/${'n'.repeat(90)}`
  expect(written({ name: Buffer.from(split) })).toMatchObject({ records: {}, own: { name: Buffer.from(split) } })
  const long = 'n'.repeat(101)
  expect(written({ name: Buffer.from(long) }).records).toEqual({ path: long })
  const odd = Buffer.alloc(101, 0xe9)
  expect(written({ name: odd }).records).toEqual({ hdrcharset: 'BINARY', path: odd.toString('latin1') })
})

test('sizes from 8 GiB, large owners, early and late times and long links go before', () => {
  const late = 0o100000000000
  const records = written({
    size: 2 ** 33,
    uid: 2 ** 21,
    gid: 2 ** 31,
    mtime: -1,
    link: Buffer.from('l'.repeat(101)),
  }).records
  expect(records).toEqual({
    linkpath: 'l'.repeat(101),
    size: String(2 ** 33),
    uid: String(2 ** 21),
    gid: String(2 ** 31),
    mtime: '-1',
  })
  expect(written({ size: 2 ** 33 - 1 }).records).toEqual({})
  expect(written({ mtime: late }).records).toEqual({ mtime: String(late) })
})

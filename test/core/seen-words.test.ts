import { expect, test } from 'vitest'
import { seenWords } from '../../src/core/seen-words.ts'

const OID = '2454b01fd49039a2ba16fb1de041598cfd5aaaaa'

test.each([
  [{ oid: OID }, '2454b01'],
  [{ record: true, there: OID, here: null, stale: false }, 'record, there 2454b01'],
  [{ at: '2026-11-21T11:33:41.881Z' }, '2026-11-21T11:33:41.881Z'],
  [{ parts: ['a.zip', 'b.zip'], tag: { oid: OID } }, 'parts a.zip, b.zip, tag 2454b01'],
  [`main is ${OID}`, 'main is 2454b01'],
  [null, ''],
])('%j reads as "%s"', (saw, words) => {
  expect(seenWords(saw)).toBe(words)
})

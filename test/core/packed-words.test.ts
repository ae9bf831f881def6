import { expect, test } from 'vitest'
import { packedWords } from '../../src/core/packed-words.ts'

test('each kind of what packing found is one line that names some and counts all', () => {
  const id = 'site-20250103_000000Z'
  expect(packedWords({ damaged: null, suspect: [], unsettled: [] })).toEqual([])
  expect(
    packedWords({ damaged: { id, files: ['a'] }, suspect: ['b', 'c'], unsettled: ['d', 'e', 'f', 'g', 'h'] }),
  ).toEqual([
    `${id} counts as damaged: 1 file in it is not what was written: a`,
    '2 files changed, and their times did not: b, c',
    '5 files changed or went away while they were read: d, e, f and 2 more',
  ])
})

test('a name of any length leaves a line that can be read', () => {
  const [said] = packedWords({ damaged: null, suspect: [`deep/${'x'.repeat(4_000)}/end.txt`], unsettled: [] })
  expect(said).toMatch(/deep\/x+…x+\/end\.txt$/)
  expect(said?.length).toBeLessThan(250)
})

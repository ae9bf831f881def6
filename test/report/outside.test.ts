import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { outsideFailure } from '../../src/report/outside.ts'

test('a full disk is told as one, with what to do, and is no bug', async () => {
  const error = await writeFile('/dev/full', 'x').catch((failed: unknown) => failed)
  expect(outsideFailure(error)).toMatchObject({
    what: 'The disk is full',
    why: expect.stringContaining('ENOSPC'),
    next: [expect.stringContaining('Make room'), expect.stringContaining('knowngood status')],
    exit: 5,
  })
})

test('what is not of the disk stays a bug', () => {
  expect(outsideFailure(new TypeError('x is not a function'))).toBeNull()
  expect(outsideFailure('thrown as text')).toBeNull()
})

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

test('a name that is too long is no bug, and does not fill the screen', async () => {
  const error = await writeFile(`/dev/shm/${'x'.repeat(5_000)}`, 'x').catch((failed: unknown) => failed)
  const told = outsideFailure(error)
  expect(told).toMatchObject({ what: 'That name is too long', exit: 5 })
  expect(told?.why).toMatch(/^the name is too long for this file system: '\/dev\/shm\/x+…x+'$/)
})

test('what is not of the disk stays a bug', () => {
  expect(outsideFailure(new TypeError('x is not a function'))).toBeNull()
  expect(outsideFailure('thrown as text')).toBeNull()
})

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { keepEvidence } from '../../src/records/evidence.ts'
import { temporaryFolder } from '../helpers/temp.ts'

test('a file is found below the home folder by ~, which no shell has written out on a screen', async () => {
  const [root, home] = [temporaryFolder(), temporaryFolder()]
  mkdirSync(join(home, 'shots'))
  writeFileSync(join(home, 'shots/walk.txt'), 'walked')
  vi.stubEnv('HOME', home)
  const place = { root, dir: 'evidence', commit: 'abc1234', item: 'sign-in', visual: false }
  const [kept] = await keepEvidence(place, ['~/shots/walk.txt'])
  expect(kept).toMatchObject({ kind: 'file', from: '~/shots/walk.txt' })
  expect(readFileSync(join(root, kept?.kept ?? ''), 'utf8')).toBe('walked')
})

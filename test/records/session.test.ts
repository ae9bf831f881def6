import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { addBackup, currentSession, openSession, SESSION_MS } from '../../src/records/session.ts'

const ana = { operator: 'ana', host: 'deck' }
let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kg-session-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

test('is joined while it is open, and closed by another operator', async () => {
  expect(await currentSession(root)).toBeNull()
  const session = await openSession(root, ana)
  expect(await openSession(root, ana)).toEqual(session)
  expect(await currentSession(root)).toEqual(session)
  const other = await openSession(root, { ...ana, operator: 'ben' })
  expect(other.id).not.toBe(session.id)
  expect(other.backups).toEqual([])
})

test('lasts 12 hours, and one from the future or a broken file is none', async () => {
  const session = await openSession(root, ana)
  const start = Date.parse(session.startedAt)
  expect(await currentSession(root, new Date(start + SESSION_MS))).not.toBeNull()
  expect(await currentSession(root, new Date(start + SESSION_MS + 1))).toBeNull()
  expect(await currentSession(root, new Date(start - 3_600_000))).toBeNull()
  await writeFile(join(root, '.knowngood/session.json'), '{"id":')
  expect(await currentSession(root)).toBeNull()
})

test('backups made at once are all noted, each once, even where nobody had opened one', async () => {
  const ids = Array.from({ length: 8 }, (_, index) => `quick-${index}`)
  await Promise.all([...ids, 'quick-1'].map((id) => addBackup(root, id, ana)))
  expect((await currentSession(root))?.backups.toSorted()).toEqual(ids)
})

import { appendFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { restorable } from '../helpers/restorable.ts'

/** A byte that is another one, in the middle of a file. */
function flip(file: string): void {
  const bytes = readFileSync(file)
  const at = Math.floor(bytes.length / 2)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(file, bytes)
}

test('fault 30: a flipped byte is named by verify, and a restore refuses', async () => {
  const site = await restorable()
  const id = await site.backup('set', { name: 'before' })
  expect((await site.verify(id)).exit).toBe(0)
  const file = join(site.root, 'backups/before/database/database.db')
  flip(file)
  site.change()

  // Nobody has looked since: the restore itself finds it, before it touches anything.
  const refused = await site.execute(await site.restore(id))
  expect(refused).toMatchObject({ exit: 4, outcome: 'undone', failedStep: 'Read every byte again' })
  expect(refused.error).toContain('database/database.db has other bytes than were recorded')
  expect(site.users()).toEqual(['ana', 'ben', 'eve'])
  expect(site.upload()).toBe('second')

  const looked = await site.verify(id)
  expect(looked).toMatchObject({ exit: 4, error: expect.stringContaining('database/database.db has other bytes') })
  expect(site.proofs().at(-1)).toMatchObject({
    backup: id,
    part: 'database/database.db',
    rung: 'hashed',
    passed: false,
    because: 'database/database.db has other bytes than were recorded',
  })
  const held = await site.restore(id)
  expect(held.holds).toMatchObject([{ id: 'damaged', why: expect.stringContaining('database/database.db') }])
  expect(held.steps).toEqual([])

  flip(file)
  expect((await site.verify(id)).exit).toBe(0)
  expect((await site.restore(id)).holds).toEqual([])
})

test('fault 31: a member that is missing, extra or cut short is named, each', async () => {
  const site = await restorable()
  const id = await site.backup('set', { name: 'before' })
  const folder = join(site.root, 'backups/before')
  const said = async () => (await site.verify(id, 'hashed')).error
  const bundle = readFileSync(join(folder, 'git/repo.bundle'))

  rmSync(join(folder, 'git/repo.bundle'))
  writeFileSync(join(folder, 'database/notes.txt'), 'left here')
  truncateSync(join(folder, 'files/uploads.tar.gz'), 20)
  const all = await said()
  expect(all).toContain('git/repo.bundle is missing')
  expect(all).toContain('database/notes.txt is not in CHECKSUM.sha256: it was added')
  expect(all).toContain('files/uploads.tar.gz is cut short: 20 of ')
  expect(all).not.toContain('database/database.db')

  rmSync(join(folder, 'database/notes.txt'))
  writeFileSync(join(folder, 'git/repo.bundle'), bundle)
  expect(await said()).toMatch(/^before: files\/uploads.tar.gz is cut short: 20 of \d+ bytes$/)
  // The manifest belongs to it as well.
  appendFileSync(join(folder, 'MANIFEST.md'), 'x')
  expect(await said()).toContain('MANIFEST.md has other bytes than were recorded')
})

test.each([
  ['a line that is none', 'not a checksum\n', 'CHECKSUM.sha256'],
  ['a path that leads out', `${'a'.repeat(64)}  ../../etc/passwd\n`, '../../etc/passwd'],
  ['nothing', '', 'CHECKSUM.sha256'],
])('fault 32: with %s in the list of checksums nothing is believed', async (_, text, named) => {
  const site = await restorable()
  const id = await site.backup('set', { name: 'before' })
  const list = join(site.root, 'backups/before/CHECKSUM.sha256')
  writeFileSync(list, text === '' ? '' : readFileSync(list, 'utf8') + text)
  const looked = await site.verify(id)
  expect(looked.exit).toBe(4)
  expect(looked.error).toContain(named)
  expect(site.proofs().at(-1)).toMatchObject({ passed: false, rung: 'hashed' })
  expect((await site.restore(id)).holds).toMatchObject([{ id: 'damaged' }])
})

test('fault 32: a bundle whose SHA256SUMS is torn, or says something else, does not hold', async () => {
  const site = await restorable({ config: 'version: { file: package.json }' })
  site.repo.commit('A version', { 'package.json': '{"version":"1.4.0"}' })
  site.repo.sh('push', '--quiet', 'origin', 'main')
  const id = await site.backup('bundle')
  expect((await site.verify(id)).exit).toBe(0)
  const sums = join(site.root, 'releases/SHA256SUMS')
  const whole = readFileSync(sums, 'utf8')
  for (const text of [`${whole}broken\n`, whole.slice(0, -20), whole.replace(/^[0-9a-f]{4}/, 'ffff')]) {
    writeFileSync(sums, text)
    expect(await site.verify(id), text).toMatchObject({ exit: 4, error: expect.stringContaining('SHA256SUMS') })
  }
})

import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { runKilled } from '../helpers/killed.ts'
import { leftovers, restorable } from '../helpers/restorable.ts'
import { temporaryFolder } from '../helpers/temp.ts'

test(
  'a folder the team’s own script made is verified and restored; a byte that flips later is found',
  { timeout: 60_000 },
  async () => {
    const site = await restorable()
    const folder = join(site.root, 'backups/releases/20251118_033032Z')
    mkdirSync(join(folder, 'database'), { recursive: true })
    cpSync(join(site.root, 'data/app.db'), join(folder, 'database/app.db'))
    writeFileSync(join(folder, 'VERSION.txt'), '1.3.0\n')
    site.change()
    const id = 'release-20251118_033032Z'
    expect(await site.verify(id, 'restored')).toMatchObject({ exit: 0, error: null })
    const listed = await site.facts()
    expect(listed.backups.ok && listed.backups.value.find((one) => one.id === id)).toMatchObject({
      origin: 'found',
      rung: 'restored',
      state: 'ok',
    })
    // What it was made for nobody wrote down.
    const held = await site.restore(id)
    expect(held.holds).toMatchObject([{ id: 'schema' }])
    const plan = await site.restore(id, { acceptSchema: true })
    expect(plan.holds).toEqual([])
    expect(await site.execute(plan)).toMatchObject({ exit: 0, owed: [] })
    expect([site.users(), site.upload()]).toEqual([['ana', 'ben'], 'second'])

    const file = join(folder, 'VERSION.txt')
    writeFileSync(file, '1.4.0\n')
    expect(await site.verify(id, 'hashed')).toMatchObject({ exit: 4, error: expect.stringContaining('was proven at') })
    writeFileSync(file, '1.3.0\n')
    expect(await site.verify(id, 'hashed')).toMatchObject({ exit: 0 })
  },
)

test('a list of checksums in the team’s own spelling is believed', async () => {
  const site = await restorable()
  const folder = join(site.root, 'backups/before-v2')
  mkdirSync(join(folder, 'database'), { recursive: true })
  cpSync(join(site.root, 'data/app.db'), join(folder, 'database/app.db'))
  writeFileSync(join(folder, 'MANIFEST.md'), '# before v2\n')
  execFileSync('sh', ['-c', 'find . -type f ! -name CHECKSUM.sha256 -exec sha256sum {} + > CHECKSUM.sha256'], {
    cwd: folder,
  })
  expect(await site.verify('before-v2', 'restored')).toMatchObject({ exit: 0, error: null })
  writeFileSync(join(folder, 'MANIFEST.md'), '# before v3\n')
  expect((await site.verify('before-v2')).error).toContain('MANIFEST.md has other bytes')
})

test(
  'fault 52: an encrypted archive is verified and restored by its key; a wrong one, a cut or flipped one leaves no plaintext',
  { timeout: 60_000 },
  async () => {
    process.env['ARCHIVE_KEY'] = 'correct horse battery'
    const drive = temporaryFolder()
    const site = await restorable({
      data: `data: { sources: [uploads], name: runtime, to: ${drive}, encrypt: { gpg: $ARCHIVE_KEY } }`,
    })
    const id = await site.backup('data')
    expect(await site.verify(id, 'restored')).toMatchObject({ exit: 0, error: null })
    site.change()
    const plan = await site.restore(id)
    expect(plan.holds).toEqual([])

    process.env['ARCHIVE_KEY'] = 'wrong'
    const wrong = await site.execute(plan)
    expect(wrong).toMatchObject({ exit: 4, outcome: 'undone' })
    expect(wrong.error).toContain('could not be decrypted')
    process.env['ARCHIVE_KEY'] = 'correct horse battery'

    // Killed while the plain copy lies there: whichever way it is settled, it goes.
    const killed = await site.restore(id)
    expect(await runKilled(site.root, killed, 'run', { when: 'acted', step: 'beside.uploads' })).toMatchObject({
      killed: true,
    })
    expect(await runKilled(site.root, killed, 'undo', null)).toMatchObject({ exit: 0, owed: [] })
    expect(leftovers(site.root)).toEqual([])
    expect(site.upload()).toBe('second')

    expect(await site.execute(await site.restore(id))).toMatchObject({ exit: 0, owed: [] })
    expect(site.upload()).toBe('first')

    const facts = await site.facts()
    const listed = facts.backups.ok ? facts.backups.value.find((one) => one.id === id) : undefined
    const file = resolve(site.root, listed?.parts[0]?.path ?? '')
    const bytes = readFileSync(file)
    for (const broken of [
      bytes.subarray(0, -40),
      Buffer.from(bytes.map((byte, at) => (at === bytes.length - 60 ? byte ^ 1 : byte))),
    ]) {
      writeFileSync(file, broken)
      // As if its lists had rotted alike: the tool itself must say no.
      rmSync(`${file}.sha256`, { force: true })
      expect((await site.verify(id)).exit).toBe(4)
    }
    expect(leftovers(site.root)).toEqual([])
  },
)

test('a restore that is abandoned leaves what is live, and nothing beside it', { timeout: 60_000 }, async () => {
  const site = await restorable()
  const id = await site.backup('set', { name: 'before' })
  site.change()
  const plan = await site.restore(id)
  const run = plan.names['run'] ?? ''
  expect(await runKilled(site.root, plan, 'run', { when: 'acted', step: 'beside.uploads' })).toMatchObject({
    killed: true,
  })
  const open = await site.kg('resume', run, '--json')
  expect(open.json).toMatchObject({
    inspection: { resume: { can: true }, undo: { can: true }, abandon: { can: true } },
  })
  expect((await site.kg('restore', id, '--confirm=mosaic-production', '--reason', 'x')).exit).toBe(3)
  expect(await site.kg('abandon', run, '--yes')).toMatchObject({ exit: 0 })
  expect([site.users(), site.upload()]).toEqual([['ana', 'ben', 'eve'], 'second'])
  expect(leftovers(site.root)).toEqual([])
  expect(site.asked()).toEqual(['stop', 'start', 'status'])
  expect((await site.restore(id)).holds).toEqual([])
})

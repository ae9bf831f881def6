import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { restorable } from '../helpers/restorable.ts'

const CONFIRMED = ['--confirm=mosaic-production', '--reason', 'orders lost']

describe('knowngood restore', () => {
  test('lists, shows its plan, asks by flags, restores, and swaps back', async () => {
    const site = await restorable()
    const id = await site.backup('set', { name: 'before' })
    site.change()

    const list = await site.kg('restore', '--json')
    expect(list).toMatchObject({ exit: 0, json: { ok: true, candidates: [{ id, kind: 'set', offered: true }] } })
    expect((await site.kg('restore')).out).toMatch(/^before .*set .*database, uploads .*loses moments .*schema same/m)

    const dry = await site.kg('restore', id, '--dry-run')
    expect(dry).toMatchObject({ exit: 0 })
    expect(dry.out).toContain('Nothing has changed.')
    expect(dry.out).toContain('./service stop')
    expect(site.asked()).toEqual([])

    // --yes never stands for the typed name.
    for (const flags of [[], ['--confirm=mosaic-production'], ['--confirm=mosaic', '--reason', 'x']]) {
      const asked = await site.kg('restore', id, ...flags)
      expect(asked.exit).toBe(2)
    }
    expect(site.users()).toContain('eve')

    const done = await site.kg('restore', id, ...CONFIRMED, '--json')
    expect(done.json).toMatchObject({
      ok: true,
      success: true,
      restoredTo: id,
      type: 'set',
      backupId: id,
      snapshot: expect.stringMatching(/^pre-restore-\d{8}_\d{6}Z$/),
    })
    expect(done.exit).toBe(0)
    expect([site.users(), site.upload()]).toEqual([['ana', 'ben'], 'first'])
    const run = String(done.json['run'])

    const back = await site.kg('restore', '--undo', run, ...CONFIRMED, '--json')
    expect(back).toMatchObject({ exit: 0, json: { success: true, undone: run, type: 'undo' } })
    expect([site.users(), site.upload()]).toEqual([['ana', 'ben', 'eve'], 'second'])

    const again = await site.kg('restore', '--undo', run, ...CONFIRMED)
    const undone = String(back.json['run'])
    expect([again.exit, again.err]).toEqual([3, expect.stringContaining(`made live again by ${undone}`)])
    expect(again.err).toContain(`knowngood restore --undo ${undone}`)
    expect([site.users(), site.upload()]).toEqual([['ana', 'ben', 'eve'], 'second'])

    const audit = (await site.kg('audit')).out
    expect(audit).toContain('Restore initiated to before')
    expect(audit).toContain('Restore complete - production restored')
    expect(audit).toContain(`Swapped back: ${run}`)
  })

  test('puts one source back, or none that is not there; a rotten backup and an unknown one are held', async () => {
    const site = await restorable()
    const id = await site.backup('set', { name: 'before' })
    site.change()
    expect((await site.kg('restore', id, '--only', 'cache', ...CONFIRMED)).exit).toBe(3)
    expect((await site.kg('restore', 'nope', ...CONFIRMED)).exit).toBe(2)
    const done = await site.kg('restore', id, '--only', 'uploads', ...CONFIRMED)
    expect(done).toMatchObject({ exit: 0 })
    expect([site.users(), site.upload()]).toEqual([['ana', 'ben', 'eve'], 'first'])

    writeFileSync(join(site.root, 'backups/before/database/database.db'), 'rot')
    const rotten = await site.kg('restore', id, ...CONFIRMED)
    expect(rotten.exit).toBe(3)
    expect(rotten.err + rotten.out).toContain('database/database.db')
  })

  test('goes beside into a folder, and takes one file out of any archive', async () => {
    const site = await restorable()
    const id = await site.backup('set', { name: 'before' })
    const tree = await site.backup('site')
    site.change()
    const beside = await site.kg('restore', id, '--to', 'out', '--json')
    const places = { database: join(site.root, 'out/database.db'), uploads: join(site.root, 'out/uploads') }
    expect(beside).toMatchObject({ exit: 0, json: { restoredTo: join(site.root, 'out'), backupId: id, places } })
    expect(existsSync(join(site.root, 'out/database.db'))).toBe(true)
    expect(readFileSync(join(site.root, 'out/uploads/uploads/deep/photo.txt'), 'utf8')).toBe('first')
    expect(site.users()).toContain('eve')

    const files: [string, string, string][] = [
      [id, 'uploads/deep/photo.txt', 'one'],
      [id, 'MANIFEST.md', 'two'],
      [tree, 'uploads/deep/photo.txt', 'three'],
      [tree, 'uploads', 'four'],
    ]
    for (const [from, path, to] of files) {
      const taken = await site.kg('restore', from, '--file', path, '--to', to)
      expect(taken, taken.err).toMatchObject({ exit: 0 })
      expect(existsSync(join(site.root, to, path))).toBe(true)
    }
    for (const to of ['one', 'three', 'four'])
      expect(readFileSync(join(site.root, to, 'uploads/deep/photo.txt'), 'utf8')).toBe('first')
    // Nothing is written over, nothing leads out, and what is not there is said.
    for (const path of ['uploads/deep/photo.txt', '../escaped', 'nope.txt']) {
      const refused = await site.kg('restore', id, '--file', path, '--to', 'one')
      expect(refused.exit, path).toBe(4)
    }
    expect(existsSync(join(site.root, 'escaped'))).toBe(false)

    const whole = await site.kg('restore', tree, '--to', 'tree')
    expect(whole).toMatchObject({ exit: 0 })
    expect(existsSync(join(site.root, 'tree', tree, 'knowngood.yaml'))).toBe(true)
    expect((await site.kg('restore', tree, ...CONFIRMED)).exit).toBe(3)
  })

  test('unpacks an archive beside once, and leaves nothing of one that is rotten', async () => {
    const site = await restorable()
    const tree = await site.backup('site')
    const planned = (await site.kg('restore', tree, '--to', 'tree', '--dry-run')).out
    expect(planned).toContain('Unpack it')
    expect(planned).not.toContain('Read the archive')
    // An earlier one, whose record knows no hash: only unpacking finds out.
    const [name = ''] = globSync('backups/site-backup_*.zip', { cwd: site.root })
    const bytes = readFileSync(join(site.root, name))
    const named = bytes.indexOf('knowngood.yaml')
    const at = named + bytes.readUInt16LE(named - 4) + bytes.readUInt16LE(named - 2) + 10
    bytes.writeUInt8(bytes.readUInt8(at) ^ 255, at)
    writeFileSync(join(site.root, 'backups/site-backup_20250101_000000Z.zip'), bytes)
    const rotten = await site.kg('restore', 'site-20250101_000000Z', '--to', 'rotten')
    expect([rotten.exit, existsSync(join(site.root, 'rotten'))]).toEqual([4, false])
  })

  test.each([
    [['x', '--to', 'postgres://ana:pw@db/app'], 'list of processes'],
    [['x', '--to', '$BAD NAME'], 'name of a variable'],
    [['x', '--file', 'a'], '--file needs --to'],
    [['--only', 'database'], 'no backup was named'],
    [['x', '--undo', 'restore-1'], '--undo takes a run and nothing else'],
    [['x', '--to', 'out', '--flush-redis'], 'nothing to flush'],
    [['--undo', 'restore-20251121_120711Z-a1b2'], 'There is no run'],
  ])('refuses %j', async (words, why) => {
    const site = await restorable()
    const said = await site.kg('restore', ...words)
    expect(said.exit).toBe(2)
    expect(said.err + said.out).toContain(why)
    expect(said.err + said.out).not.toContain('ana:pw')
  })
})

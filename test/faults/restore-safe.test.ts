import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync, writeSync, openSync, closeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { decidedNow } from '../helpers/decided.ts'
import { leftovers, restorable, siteAt } from '../helpers/restorable.ts'
import { keptBy } from '../../src/commands/restore-kept.ts'
import { planRestoreUndo } from '../../src/plans/restore-undo.ts'

const NEW = ['ana', 'ben', 'eve']
const OLD = ['ana', 'ben']
const asRoot = process.getuid?.() === 0 || process.env['KNOWNGOOD_REQUIRE_ALL'] === '1'

function tablesOf(root: string): unknown[] {
  const database = new DatabaseSync(join(root, 'data/app.db'), { readOnly: true })
  const rows = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all()
  database.close()
  return rows.map((row) => row['name'])
}

test('fault 47: what is newer than the backup is gone after the restore, kept beside, and back when it is swapped back', async () => {
  const site = await restorable()
  const id = await site.backup('set', { name: 'before' })
  site.change()
  writeFileSync(join(site.root, 'uploads/newer.txt'), 'newer')
  // Somebody has it open all the while.
  const reader = new DatabaseSync(join(site.root, 'data/app.db'))
  onTestFinished(() => reader.close())

  const plan = await site.restore(id)
  const done = await site.execute(plan)
  expect(done).toMatchObject({ exit: 0, owed: [] })
  expect(tablesOf(site.root)).toEqual(['schema_migrations', 'users'])
  expect(reader.prepare('SELECT count(*) AS n FROM users').get()).toEqual({ n: 2 })
  expect(() => readFileSync(join(site.root, 'uploads/newer.txt'))).toThrow('ENOENT')
  expect(leftovers(site.root)).toEqual([])
  expect(site.asked()).toEqual(['stop', 'start', 'status'])
  expect(site.proofs().filter(({ backup, rung }) => backup === id && rung === 'restored')).toMatchObject([
    { part: 'database/database.db', passed: true, counts: { users: 2 } },
    { part: 'files/uploads.tar.gz', passed: true },
  ])

  // The snapshot is a backup like any other, of exactly what was replaced.
  const listed = await site.facts()
  const snapshot = listed.backups.ok ? listed.backups.value.find((one) => one.id.startsWith('pre-restore-')) : undefined
  expect(snapshot).toMatchObject({ kind: 'set', notes: 'before restoring before', rung: 'hashed', state: 'ok' })
  expect(snapshot?.parts.map(({ source }) => source)).toEqual(['database', 'uploads'])

  const { of, kept } = await keptBy(site.root, plan.names['run'] ?? '')
  const request = { undo: plan.names['run'] ?? '', of, kept, reason: 'a test' }
  const back = planRestoreUndo(await site.project(), await site.facts(), request, decidedNow('restore'))
  expect(await site.execute(back)).toMatchObject({ exit: 0, owed: [] })
  expect(site.users()).toEqual(NEW)
  expect(tablesOf(site.root)).toContain('newer')
  expect(readFileSync(join(site.root, 'uploads/newer.txt'), 'utf8')).toBe('newer')

  // What was swapped back can be swapped back.
  const again = await keptBy(site.root, back.names['run'] ?? '')
  const more = { ...request, undo: back.names['run'] ?? '', kept: again.kept }
  const forth = planRestoreUndo(await site.project(), await site.facts(), more, decidedNow('restore'))
  expect(await site.execute(forth)).toMatchObject({ exit: 0 })
  expect([site.users(), site.upload()]).toEqual([OLD, 'first'])
})

test('fault 49: when what stands there cannot be captured, the restore never starts, and the services run', async () => {
  const site = await restorable()
  const id = await site.backup('set', { name: 'before' })
  site.change()
  const plan = await site.restore(id)
  rmSync(join(site.root, 'uploads'), { recursive: true })
  const broken = await site.execute(plan)
  expect(broken).toMatchObject({ exit: 4, outcome: 'undone' })
  expect(broken.failedStep).toContain('uploads')
  expect(site.users()).toEqual(NEW)
  expect(leftovers(site.root)).toEqual([])
  expect(site.asked()).toEqual(['stop', 'start', 'status'])
  const facts = await site.facts()
  expect(facts.backups.ok ? facts.backups.value.map((one) => one.id) : []).toEqual([id])
})

/** A small volume of its own; null where this test may not mount one. */
function volume(path: string, size: string): void {
  mkdirSync(path, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path])
  onTestFinished(() => void execFileSync('umount', ['-l', path]))
}

test.skipIf(!asRoot)('fault 49: with no room for the snapshot the restore never starts (needs root)', async () => {
  const site = await restorable()
  volume(join(site.root, 'backups'), '8m')
  const id = await site.backup('set', { name: 'before' })
  site.change()
  writeFileSync(join(site.root, 'uploads/large'), randomBytes(16_000_000))
  const broken = await site.execute(await site.restore(id))
  expect(broken).toMatchObject({ exit: 4, outcome: 'undone' })
  expect(broken.error).toMatch(/ENOSPC|no space|room/i)
  expect([site.users(), site.upload()]).toEqual([NEW, 'second'])
  expect(leftovers(site.root)).toEqual([])
  expect(site.asked()).toEqual(['stop', 'start', 'status'])
})

test.skipIf(!asRoot)(
  'fault 49: that its volume has no room for the snapshot is said by break glass before any service is stopped (needs root)',
  async () => {
    const site = await restorable()
    await site.backup('baseline', { name: 'before' })
    site.change()
    volume(join(site.root, 'backups'), '900k')
    const broken = await site.execute(await site.emergency())
    expect(broken).toMatchObject({ exit: 3, outcome: 'held', failedStep: 'Look for room' })
    expect(broken.error).toContain(`on the volume of ${join(site.root, 'backups')}`)
    expect([site.users(), site.upload()]).toEqual([NEW, 'second'])
    expect(site.asked()).toEqual([])
    expect(leftovers(site.root)).toEqual([])
  },
)

test.skipIf(!asRoot).each(['beside.database', 'beside.uploads', 'swap.database', 'swap.uploads'])(
  'fault 50: a disk that fills when %s begins leaves everything as it was (needs root)',
  async (step) => {
    const site = await restorable()
    const id = await site.backup('set', { name: 'before' })
    // The whole production moves to a small disk: whatever it does from here on meets the same end.
    const small = `${site.root}-small`
    volume(small, '48m')
    execFileSync('cp', ['-a', `${site.root}/.`, small])
    const here = siteAt(small)
    writeFileSync(join(small, 'uploads/large'), randomBytes(2_000_000))
    here.change()
    const plan = await here.restore(id)
    expect(plan.holds).toEqual([])
    const fill = () => {
      const file = openSync(join(small, 'filler'), 'w')
      for (const chunk of [65_536, 4_096, 1]) {
        try {
          for (;;) writeSync(file, Buffer.alloc(chunk))
        } catch {
          // No room for one so large any more.
        }
      }
      closeSync(file)
    }
    const broken = await here.execute(plan, (running) => {
      if (running === step) fill()
    })
    expect([0, 4], broken.error ?? '').toContain(broken.exit)
    const stands = broken.exit === 0 ? [OLD, 'first'] : [NEW, 'second']
    expect([here.users(), here.upload()]).toEqual(stands)
    expect(here.asked().at(-1)).toBe('status')
    rmSync(join(small, 'filler'))
    expect(leftovers(small)).toEqual([])
    // And the next run needs no repair by hand.
    const next = await here.restore(id)
    expect(next.holds).toEqual([])
    expect(await here.execute(next)).toMatchObject({ exit: 0 })
    expect([here.users(), here.upload()]).toEqual([OLD, 'first'])
  },
)

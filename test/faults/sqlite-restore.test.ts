import { spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Call } from '../../src/core/plan.ts'
import { sqlite } from '../../src/sources/sqlite.ts'
import { freeSpace } from '../../src/world/disk.ts'
import { mayMount, mountSmall } from '../helpers/mounts.ts'
import { sourceAtWork } from '../helpers/source-round-trip.ts'
import { namesIn, openDatabase, sqliteProject, USERS } from '../helpers/sqlite.ts'
import { temporaryFolder } from '../helpers/temp.ts'

const RUN = 'deploy-20261121_120000Z-a1b2'
const FILLER =
  'WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 45000) INSERT INTO filler SELECT hex(randomblob(200)) FROM c'

/** A backup of two users, then a third: what is live differs from what is restored. */
async function restoring(...statements: string[]) {
  const project = sqliteProject(...statements, ...USERS)
  const { at, database } = project
  const { parts } = await at.capture()
  database.exec("INSERT INTO users VALUES (3, 'eve')")
  const steps = at.restoreSteps(parts)
  if (steps?.swap == null) throw new Error('no swap')
  return { ...project, parts, beside: steps.beside, swap: steps.swap }
}

test('fault 30: a flipped byte that integrity_check misses is found before anything is restored', async () => {
  const { at, parts, database, beside } = await restoring()
  const file = join(at.stage, 'database/data.db')
  const at2 = readFileSync(file).indexOf('ana')
  const handle = openSync(file, 'r+')
  writeSync(handle, Buffer.from('x'), 0, 1, at2)
  closeSync(handle)
  const [part] = parts
  if (part === undefined) throw new Error('no part')
  await at.readable(part)
  await expect(at.run(beside)).rejects.toThrow('is damaged')
  await at.undo(beside)
  expect(namesIn(database)).toEqual(['ana', 'ben', 'eve'])
})

test('fault 47: tables newer than the backup are gone after the swap, also for who has it open', async () => {
  const { at, beside, swap, database } = await restoring('PRAGMA journal_mode = WAL')
  database.exec('CREATE TABLE newer (x)')
  await at.run(beside)
  await at.run(swap)
  expect(namesIn(database)).toEqual(['ana', 'ben'])
  expect(() => database.prepare('SELECT * FROM newer')).toThrow('no such table')
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
})

test.each([
  ['WAL', 1, 'is put back', ['ana', 'ben', 'eve']],
  ['WAL', 2, 'goes on', ['ana', 'ben']],
  ['DELETE', 1, 'goes on', ['ana', 'ben']],
  ['DELETE', 2, 'is put back', ['ana', 'ben', 'eve']],
])(
  'fault 45: killed within the swap in mode %s (%i), the live database is the old one, and the run %s',
  async (mode, when, how, live) => {
    const { root, file, at, beside, swap, database } = await restoring(
      `PRAGMA journal_mode = ${mode}`,
      'CREATE TABLE filler (x)',
      FILLER,
    )
    database.close()
    await at.run(beside)
    await at.look(swap)
    const [action] = swap.actions as [Call]
    const input = JSON.stringify({ ...(action.input as object), was: at.was[swap.id] })
    const program = new URL('../fixtures/swap-killed.ts', import.meta.url).pathname
    const { signal } = spawnSync(process.execPath, ['--no-warnings', program, root, action.name, input, String(when)])
    expect(signal).toBe('SIGKILL')
    expect(await at.probe(swap)).toMatchObject({ state: 'absent' })
    const after = openDatabase(file)
    expect(after.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    expect(namesIn(after)).toEqual(['ana', 'ben', 'eve'])
    after.close()
    if (how === 'goes on') await at.act(swap)
    else await at.undo(swap)
    expect(namesIn(openDatabase(file))).toEqual(live)
    await at.undo(swap)
    expect(namesIn(openDatabase(file))).toEqual(['ana', 'ben', 'eve'])
  },
)

test('fault 45: what is written after the swap is not taken for somebody else’s work once it had ended', async () => {
  const { at, beside, swap, database } = await restoring()
  await at.run(beside)
  await at.run(swap)
  database.exec("INSERT INTO users VALUES (4, 'new')")
  expect(await at.probe(swap)).toMatchObject({ state: 'done' })
  await at.undo(swap)
  expect(namesIn(database)).toEqual(['ana', 'ben', 'eve'])
})

test('fault 45: rows written between keeping and swapping are kept too', async () => {
  const { at, beside, swap, database } = await restoring()
  await at.run(beside)
  await at.look(swap)
  database.exec("INSERT INTO users VALUES (4, 'late')")
  const { kept } = await at.act(swap)
  expect(namesIn(database)).toEqual(['ana', 'ben'])
  await at.back(kept ?? null)
  expect(namesIn(database)).toEqual(['ana', 'ben', 'eve', 'late'])
})

test('fault 45: a database that somebody keeps locked is left as it is', async () => {
  const { at, beside, swap, file, database } = await restoring()
  await at.run(beside)
  await at.look(swap)
  const writer = openDatabase(file, 'BEGIN IMMEDIATE', "INSERT INTO users VALUES (5, 'held')")
  await expect(at.act(swap)).rejects.toThrow('in use')
  writer.exec('ROLLBACK')
  expect(namesIn(database)).toEqual(['ana', 'ben', 'eve'])
  expect(await at.probe(swap)).toMatchObject({ state: 'absent' })
})

test('fault 49: a live database that cannot be kept stops the restore before it begins', async () => {
  const { root, at, beside, swap, database } = await restoring()
  await at.run(beside)
  writeFileSync(join(root, '.knowngood'), 'a file where a folder belongs')
  await expect(at.look(swap)).rejects.toThrow()
  expect(namesIn(database)).toEqual(['ana', 'ben', 'eve'])
})

test('fault 54: links planted at temporaries and targets are not followed', async () => {
  const { root, file, at, beside, swap, database } = await restoring()
  const victim = join(root, 'victim')
  writeFileSync(victim, 'mine')
  symlinkSync(victim, join(root, `.app.db.knowngood-${RUN}`))
  await at.look(beside)
  await expect(at.act(beside)).rejects.toThrow('taken already')
  await at.undo(beside)
  expect(lstatSync(join(root, `.app.db.knowngood-${RUN}`)).isSymbolicLink()).toBe(true)
  database.close()
  renameSync(file, join(root, 'elsewhere.db'))
  symlinkSync(join(root, 'elsewhere.db'), file)
  await expect(at.look(swap)).rejects.toThrow('symbolic link')
  expect(readFileSync(victim, 'utf8')).toBe('mine')
  expect(existsSync(join(root, '.knowngood'))).toBe(false)
  expect(readdirSync(root)).toContain('elsewhere.db')
})

test.skipIf(!mayMount)(
  'fault 50: a disk that fills up within the swap leaves the old database, whole (needs the right to mount)',
  async () => {
    const root = temporaryFolder()
    mountSmall(root, '6m')
    const file = join(root, 'app.db')
    const made = openDatabase(file, ...USERS, 'CREATE TABLE filler (x)', FILLER.replace('45000', '4000'))
    const at = sourceAtWork({ source: sqlite as never, options: { path: 'app.db' }, root })
    const { parts } = await at.capture()
    for (const statement of ['DELETE FROM filler', 'VACUUM', "INSERT INTO users VALUES (3, 'eve')"])
      made.exec(statement)
    const steps = at.restoreSteps(parts)
    if (steps?.swap == null) throw new Error('no swap')
    await at.run(steps.beside)
    await at.look(steps.swap)
    const { free } = await freeSpace(root)
    writeFileSync(join(root, 'full'), Buffer.alloc(free - 400_000))
    await expect(at.act(steps.swap)).rejects.toThrow(/full/)
    expect(namesIn(made)).toEqual(['ana', 'ben', 'eve'])
    expect(made.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    await at.undo(steps.swap)
    expect(namesIn(made)).toEqual(['ana', 'ben', 'eve'])
  },
)

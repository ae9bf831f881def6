import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { sqlite } from '../../src/sources/sqlite.ts'
import { sourceAtWork } from '../helpers/source-round-trip.ts'
import { openDatabase, sqliteProject, USERS } from '../helpers/sqlite.ts'
import { temporaryFolder } from '../helpers/temp.ts'

const stored = (stage: string) =>
  readdirSync(stage, { recursive: true, encoding: 'utf8' }).filter((path) => path.includes('.'))

function many(rows: number): string {
  return `WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ${rows}) INSERT INTO users SELECT n + 10, hex(randomblob(100)) FROM c`
}

test.each(['WAL', 'DELETE'])(
  'fault 14: written to without a pause in mode %s, the copy is one moment, and what is counted is what comes back',
  async (mode) => {
    const { root, file, at } = sqliteProject(
      `PRAGMA journal_mode = ${mode}`,
      'CREATE TABLE debit (n, text)',
      'CREATE TABLE credit (n, text)',
    )
    const writer = spawn(
      process.execPath,
      ['--no-warnings', new URL('../fixtures/sqlite-writer.ts', import.meta.url).pathname, file],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    const ended = once(writer, 'exit')
    onTestFinished(async () => {
      writer.kill('SIGKILL')
      await ended
    })
    await once(writer.stdout, 'data')
    const { parts } = await at.capture()
    const counts = parts[0]?.counts ?? {}
    expect(counts['debit']).toBeGreaterThan(0)
    expect(counts['debit']).toBe(counts['credit'])
    const dir = join(root, 'scratch')
    const steps = at.restoreSteps(parts, { live: false, dir, urlFrom: null })
    if (steps === null) throw new Error('no steps')
    expect(await at.run(steps.beside)).toMatchObject({ counts })
    expect(openDatabase(join(dir, 'data.db')).prepare('SELECT count(*) AS n FROM debit').get()).toEqual({
      n: counts['debit'],
    })
  },
)

test('fault 15: rows that are only in the log of an open writer are in the backup', async () => {
  const { file, at, database } = sqliteProject('PRAGMA journal_mode = WAL', 'PRAGMA wal_autocheckpoint = 0', ...USERS)
  expect(existsSync(`${file}-wal`)).toBe(true)
  const { parts } = await at.capture()
  expect(parts).toMatchObject([{ path: 'database/data.db', counts: { users: 2 } }])
  expect(stored(at.stage)).toEqual(['database/data.db'])
  const copy = new DatabaseSync(join(at.stage, 'database/data.db'), { readOnly: true })
  expect(copy.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'delete' })
  copy.close()
  expect(database.prepare('SELECT count(*) AS n FROM users').get()).toEqual({ n: 2 })
})

test('fault 16: a mistyped path fails, and no empty database is made', async () => {
  const root = temporaryFolder()
  const at = sourceAtWork({ source: sqlite as never, options: { path: 'mistyped.db' }, root })
  await expect(at.capture()).rejects.toThrow('there is no file')
  expect(readdirSync(root)).toEqual(['stage'])
  expect(stored(at.stage)).toEqual([])
})

test.each([
  ['a small database', 2000],
  ['a large one, read in a thread of its own', 25_000],
])('fault 17: a zeroed page of %s fails the backup, by what integrity_check says', async (_, rows) => {
  const { file, at, database } = sqliteProject(...USERS, many(rows), 'CREATE INDEX names ON users (name)')
  const pages = Number(database.prepare('PRAGMA page_count').get()?.['page_count'])
  database.close()
  const handle = openSync(file, 'r+')
  writeSync(handle, Buffer.alloc(4096), 0, 4096, Math.floor(pages / 2) * 4096)
  closeSync(handle)
  await expect(at.capture()).rejects.toThrow(/damaged|malformed/)
  expect(stored(at.stage).filter((path) => !path.endsWith('.part'))).toEqual([])
})

test.each([
  ['a text', 'this is not a database, though it is called one', 'no SQLite database'],
  ['an empty file', '', 'is empty'],
  ['the head of a database', 'SQLite format 3\0', /cannot be copied|cannot be read|damaged/],
])('fault 17: %s under the name of a database fails', async (_, text, why) => {
  const root = temporaryFolder()
  writeFileSync(join(root, 'app.db'), text)
  const at = sourceAtWork({ source: sqlite as never, options: { path: 'app.db' }, root })
  await expect(at.capture()).rejects.toThrow(why)
})

test('fault 09: a blank database fails, and a table that went empty is a doubt', async () => {
  const { at, database } = sqliteProject('CREATE TABLE x (y)', 'DROP TABLE x')
  const step = at.captureStep()
  if (step === null) throw new Error('no step')
  await expect(at.run(step)).rejects.toThrow('holds no table')
  await at.undo(step)
  for (const statement of [...USERS, many(2000)]) database.exec(statement)
  const { parts } = await at.capture()
  database.exec('DELETE FROM users')
  database.exec('VACUUM')
  await at.undo(step)
  const again = await at.capture(parts)
  expect(again.doubts).toEqual([
    expect.stringMatching(/^database\/data\.db is less than half/),
    'users went empty (was 2,002 rows)',
  ])
})

test('a table that only looks like that of a tool is no reason to refuse a backup, unless the tool is named', async () => {
  const { root, told, at } = sqliteProject(...USERS, 'CREATE TABLE migrations (birds TEXT)')
  const { parts } = await at.capture()
  expect(parts).toMatchObject([{ counts: { migrations: 0, users: 2 } }])
  expect(parts[0]).not.toHaveProperty('schema')
  const named = sourceAtWork({ ...told, root, options: { path: 'app.db', migrations: 'knex' }, name: 'named' })
  await expect(named.capture()).rejects.toThrow('knex_migrations')
})

test('fault 12: a half-written copy is seen after a crash, removed and made again', async () => {
  const { at } = sqliteProject(...USERS)
  const step = at.captureStep()
  if (step === null) throw new Error('no step')
  await at.capture()
  rmSync(join(at.stage, 'database/data.db'))
  writeFileSync(join(at.stage, 'database/data.db.part'), 'half')
  expect(await at.probe(step)).toMatchObject({ state: 'partial' })
  await at.undo(step)
  expect(stored(at.stage)).toEqual([])
  expect(await at.probe(step)).toMatchObject({ state: 'absent' })
  expect((await at.capture()).parts).toMatchObject([{ counts: { users: 2 } }])
})

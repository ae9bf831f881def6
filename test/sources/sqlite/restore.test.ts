import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sqlite } from '../../../src/sources/sqlite.ts'
import { missing } from '../../helpers/needs.ts'
import { roundTrip } from '../../helpers/source-round-trip.ts'
import { namesIn, openDatabase, sqliteProject, USERS } from '../../helpers/sqlite.ts'

const project = (...statements: string[]) => {
  const made = sqliteProject(...statements, ...USERS)
  return { ...made, names: () => namesIn(made.database) }
}

const noShell = missing('sqlite3')

describe('a SQLite database', () => {
  test.each(['WAL', 'DELETE'])('in mode %s goes out and back through the same open connection', async (mode) => {
    const { root, told, database, names } = project(`PRAGMA journal_mode = ${mode}`)
    await roundTrip(told, names, () => database.exec("INSERT INTO users VALUES (3, 'eve')"))
    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: mode.toLowerCase() })
    expect(readdirSync(root).filter((file) => file.includes('knowngood-'))).toEqual([])
  })

  test('that is gone is made by the swap, and gone again when that is put back', async () => {
    const { root, database, at } = project()
    const { parts } = await at.capture()
    database.close()
    rmSync(join(root, 'app.db'))
    const kept = await at.restore(parts)
    expect(kept).toBeNull()
    expect(openDatabase(join(root, 'app.db')).prepare('SELECT count(*) AS n FROM users').get()).toEqual({ n: 2 })
    await at.back(kept)
    expect(existsSync(join(root, 'app.db'))).toBe(false)
  })

  test('too broken to read is moved aside as it is, and comes back as it was', async () => {
    const { root, database, at } = project()
    const { parts } = await at.capture()
    database.close()
    writeFileSync(join(root, 'app.db'), 'no database any more')
    const kept = await at.restore(parts)
    expect(kept).toMatchObject({ how: 'moved' })
    expect(openDatabase(join(root, 'app.db')).prepare('SELECT count(*) AS n FROM users').get()).toEqual({ n: 2 })
    await at.back(kept)
    expect(readFileSync(join(root, 'app.db'), 'utf8')).toBe('no database any more')
  })

  test('with pages of another size is replaced all the same', async () => {
    const { root, at, database } = project()
    const { parts } = await at.capture()
    database.close()
    rmSync(join(root, 'app.db'))
    const other = openDatabase(
      join(root, 'app.db'),
      'PRAGMA page_size = 8192',
      'PRAGMA journal_mode = WAL',
      'CREATE TABLE x (y)',
    )
    other.close()
    await at.restore(parts)
    expect(openDatabase(join(root, 'app.db')).prepare('SELECT count(*) AS n FROM users').get()).toEqual({ n: 2 })
  })

  test('goes into a folder of its own without touching the live one, and never over what is there', async () => {
    const { root, at, names } = project()
    const { parts } = await at.capture()
    const dir = join(root, 'scratch')
    const steps = at.restoreSteps(parts, { live: false, dir, urlFrom: null })
    if (steps === null) throw new Error('no steps')
    expect(steps.swap).toBeNull()
    await at.run(steps.beside)
    expect(openDatabase(join(dir, 'data.db')).prepare('SELECT count(*) AS n FROM users').get()).toEqual({ n: 2 })
    await expect(at.run(steps.beside)).rejects.toThrow()
    await at.undo(steps.beside)
    expect(existsSync(join(dir, 'data.db'))).toBe(true)
    expect(names()).toEqual(['ana', 'ben'])
    await at.run(steps.drop)
    expect(readdirSync(dir)).toEqual([])
  })

  test.skipIf(noShell)(
    'comes back with sqlite3 alone (package sqlite3) by the lines of the manifest, also over what is there',
    async () => {
      const { root, at, told, names, database } = project('PRAGMA journal_mode = WAL')
      const { parts } = await at.capture()
      const [part] = parts
      if (part === undefined) throw new Error('no part')
      database.exec("INSERT INTO users VALUES (3, 'eve')")
      const script = sqlite.manual(sqlite.options.parse(told.options), part).join(' && ')
      execFileSync('sh', ['-c', script], { cwd: at.stage, env: { ...process.env, SQLITE_FILE: join(root, 'app.db') } })
      expect(names()).toEqual(['ana', 'ben'])
    },
  )
})

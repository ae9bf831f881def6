import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { onTestFinished } from 'vitest'
import { sqlite } from '../../src/sources/sqlite.ts'
import { sourceAtWork } from './source-round-trip.ts'
import { temporaryFolder } from './temp.ts'

/** Opens a database, runs these statements, and closes it when the test is over. */
export function openDatabase(file: string, ...statements: string[]): DatabaseSync {
  const database = new DatabaseSync(file)
  onTestFinished(() => {
    if (database.isOpen) database.close()
  })
  for (const statement of statements) database.exec(statement)
  return database
}

export const USERS = [
  'CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)',
  "INSERT INTO users VALUES (1, 'ana'), (2, 'ben')",
]

/** A project with an open database `app.db`, and its source at work. */
export function sqliteProject(...statements: string[]) {
  const root = temporaryFolder()
  const file = join(root, 'app.db')
  const database = openDatabase(file, ...statements)
  const told = { source: sqlite as never, options: { path: 'app.db', wait: 1 }, root }
  return { root, file, database, told, at: sourceAtWork(told) }
}

/** Names in the users table, asked through a connection. */
export function namesIn(database: DatabaseSync): unknown[] {
  return database
    .prepare('SELECT name FROM users ORDER BY id')
    .all()
    .map((row) => row['name'])
}

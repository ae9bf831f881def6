import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Works on the demo's own database, and closes it again. */
export function withDatabase<T>(root: string, work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(join(root, 'data', 'mosaic.db'))
  try {
    return work(database)
  } finally {
    database.close()
  }
}

/** How many users it has. */
export function people(root: string): number {
  return withDatabase(root, (database) => Number(database.prepare('select count(*) as n from users').get()?.['n']))
}

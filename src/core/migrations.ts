/** Folders in which tools keep one file or one folder for each migration, as git pathspecs. */
export const MIGRATION_PATHS = [
  ':(glob)**/migrations/**',
  ':(glob)**/alembic/versions/**',
  ':(glob)**/db/migrate/**',
  ':(glob)drizzle/**',
] as const

const FOLDER = /^(?:.*\/)?(?:migrations|alembic\/versions|db\/migrate|drizzle)\//
/** What stands beside migrations and is none: a tool's own notes, an index, a lock file. */
const BESIDE = /^(?:\.|__|meta(?:\/|$)|index\.|readme|migration_lock\.)|\.md$/i

/** How many migrations these added files are: a folder below the migrations folder is one, and so is a pair of up and down. */
export function countMigrations(added: readonly string[]): number {
  const found = new Set<string>()
  for (const path of added) {
    const folder = FOLDER.exec(path)?.[0]
    const [name = ''] = folder === undefined ? [] : path.slice(folder.length).split('/')
    if (name !== '' && !BESIDE.test(name)) found.add(`${folder}${name.replace(/\.(?:up|down)(?=\.)/, '')}`)
  }
  return found.size
}

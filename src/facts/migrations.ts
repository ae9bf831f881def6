import type { Facts } from '../core/facts.ts'
import type { Git } from '../world/git.ts'

/** Where migration tools keep their files, the more particular first. */
const FOLDERS = ['prisma/migrations', 'drizzle', 'alembic/versions', 'db/migrate', 'migrations'] as const
/** Folders whose newest entry is named; more distinct ones than this are compared by their tree only. */
const NAMED = 12

/**
 * The migrations folder at each commit, by its tree: equal trees are the same schema, where no database kept a
 * revision. One git command for all commits, and one for each distinct folder that is named.
 */
export async function migrationsAt(git: Git, commits: readonly string[]): Promise<Facts['migrations']> {
  const oids = [...new Set(commits)].filter((oid) => /^[0-9a-f]{40,64}$/.test(oid))
  if (oids.length === 0) return {}
  const asked = oids.flatMap((oid) => FOLDERS.map((folder) => ({ oid, folder })))
  const input = asked.map(({ oid, folder }) => `${oid}:${folder}\n`).join('')
  const answers = (await git.raw(['cat-file', '--batch-check=%(objecttype) %(objectname)'], { input })).split('\n')
  const trees = new Map<string, string>()
  for (const [index, { oid }] of asked.entries()) {
    const tree = /^tree ([0-9a-f]{40,64})$/.exec(answers[index] ?? '')?.[1]
    if (tree !== undefined && !trees.has(oid)) trees.set(oid, tree)
  }
  const names = new Map(
    await Promise.all(
      [...new Set(trees.values())].slice(0, NAMED).map(async (tree) => [tree, await newest(git, tree)] as const),
    ),
  )
  return Object.fromEntries(
    [...trees].map(([oid, tree]) => [oid, { tree, newest: names.get(tree) ?? tree.slice(0, 7) }]),
  )
}

async function newest(git: Git, tree: string): Promise<string> {
  const names = (await git.raw(['ls-tree', '--name-only', '-z', tree])).split('\0').filter((name) => /^\d/.test(name))
  return names.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1) ?? tree.slice(0, 7)
}

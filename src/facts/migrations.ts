import type { Facts } from '../core/facts.ts'
import type { Git } from '../world/git.ts'
import { noMemory } from './memory.ts'
import type { Memory } from './memory.ts'

/** Where migration tools keep their files, the more particular first. */
const FOLDERS = ['prisma/migrations', 'drizzle', 'alembic/versions', 'db/migrate', 'migrations'] as const
/** Folders whose newest entry is named; more distinct ones than this are compared by their tree only. */
const NAMED = 12

type Folder = { tree: string; newest: string }

/**
 * The migrations folder at each commit, by its tree: equal trees are the same schema, where no database kept a
 * revision. One git command for all commits never seen before, and one for each distinct folder that is named.
 */
export async function migrationsAt(
  git: Git,
  commits: readonly string[],
  memory: Memory = noMemory(),
): Promise<Facts['migrations']> {
  const oids = [...new Set(commits)].filter((oid) => /^[0-9a-f]{40,64}$/.test(oid))
  const known = new Map(oids.map((oid) => [oid, memory.get(`schema ${oid}`) as Folder | null | undefined]))
  const fresh = await look(
    git,
    oids.filter((oid) => known.get(oid) === undefined),
    memory,
  )
  return Object.fromEntries(
    oids.flatMap((oid) => {
      const folder = known.get(oid) ?? fresh.get(oid)
      return folder ? [[oid, folder]] : []
    }),
  )
}

async function look(git: Git, oids: readonly string[], memory: Memory): Promise<Map<string, Folder>> {
  if (oids.length === 0) return new Map()
  const asked = oids.flatMap((oid) => ['', ...FOLDERS].map((folder) => ({ oid, folder })))
  const input = asked.map(({ oid, folder }) => `${oid}${folder && ':'}${folder}\n`).join('')
  const answers = (await git.raw(['cat-file', '--batch-check=%(objecttype) %(objectname)'], { input })).split('\n')
  const trees = new Map<string, string>()
  const here = new Set<string>()
  for (const [index, { oid, folder }] of asked.entries()) {
    if (folder === '' && answers[index]?.startsWith('commit ')) here.add(oid)
    const tree = /^tree ([0-9a-f]{40,64})$/.exec(answers[index] ?? '')?.[1]
    if (tree !== undefined && !trees.has(oid)) trees.set(oid, tree)
  }
  const names = new Map(
    await Promise.all(
      [...new Set(trees.values())].slice(0, NAMED).map(async (tree) => [tree, await newest(git, tree)] as const),
    ),
  )
  for (const oid of oids) {
    const tree = trees.get(oid)
    const name = tree === undefined ? undefined : names.get(tree)
    // A commit that is not here may come yet, and a folder that was not named may be named another time.
    if (tree !== undefined && name !== undefined) memory.set(`schema ${oid}`, { tree, newest: name })
    else if (tree === undefined && here.has(oid)) memory.set(`schema ${oid}`, null)
  }
  return new Map([...trees].map(([oid, tree]) => [oid, { tree, newest: names.get(tree) ?? tree.slice(0, 7) }]))
}

async function newest(git: Git, tree: string): Promise<string> {
  const names = (await git.raw(['ls-tree', '--name-only', '-z', tree])).split('\0').filter((name) => /^\d/.test(name))
  return names.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1) ?? tree.slice(0, 7)
}

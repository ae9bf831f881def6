import { lstat } from 'node:fs/promises'
import { relative, resolve, sep } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import { StepFailed } from '../core/failure.ts'
import { exists } from '../world/files.ts'
import { excluder } from './excludes.ts'
import { linksOut } from './links-out.ts'
import { joinPath, pathFrom, shownPath } from './tree-path.ts'
import type { TreeEntry } from './walk.ts'
import { walk } from './walk.ts'

/**
 * What of a tree goes into an archive. `paths` are taken below `root` (default: all of it), less what the patterns `exclude` name and
 * what `without` does: paths as in `tree-path.ts`, with all that lies below. `to` is the archive itself.
 */
export type TreeRequest = {
  root: string
  paths?: readonly string[]
  exclude: readonly string[]
  without?: ReadonlySet<string> | undefined
  to: string
  signal?: AbortSignal | undefined
}

/** Looking at files blocks; after this many ms everybody else has a turn. */
const SPELL = 4

/**
 * Everything asked for, each once, in the order of the names' bytes whatever the file system's. Throws when the root is no folder,
 * when a path lies outside it, and when a path asked for by name is not there: an archive without it would pretend to hold it.
 */
export async function* treeEntries(request: TreeRequest, temporary: string): AsyncGenerator<TreeEntry> {
  for await (const entries of treeSpells(request, temporary)) yield* entries
}

/** The same, as many at a time as are found until everybody else has a turn. */
export async function* treeSpells(request: TreeRequest, temporary: string): AsyncGenerator<TreeEntry[]> {
  const root = resolve(request.root)
  if (!(await isFolder(root))) throw new StepFailed('archive', `${request.root} is not a folder`)
  const top = pathFrom(root)
  let rested = performance.now()
  for (const start of starts(root, request.paths)) {
    if (!(await exists(shownPath(joinPath(top, start)))))
      throw new StepFailed('archive', `${shownPath(start)} is not in ${request.root}`)
    let entries: TreeEntry[] = []
    for (const entry of walk(top, start, leftOut(root, temporary, request))) {
      entries.push(entry)
      if (performance.now() - rested < SPELL) continue
      yield entries
      entries = []
      await breathe()
      request.signal?.throwIfAborted()
      rested = performance.now()
    }
    yield entries
  }
}

/**
 * A link out of the tree is broken wherever the archive is unpacked, and every safe unpacker refuses it. `links` says of all of an
 * archive's where they lead; paths are as in `tree-path.ts`.
 */
export function refuseLinksOut(links: ReadonlyMap<string, string>): void {
  const [path] = linksOut(links)
  if (path === undefined) return
  const [shown, target] = [path, links.get(path) ?? ''].map(shownPath)
  throw new StepFailed(
    'archive',
    `${shown} is a link that leads out of the tree, to ${target}; leave it out: by exclude, as '/${shown}', or of a release by build.artefact`,
  )
}

async function isFolder(path: string): Promise<boolean> {
  return lstat(path).then(
    (stat) => stat.isDirectory(),
    () => false,
  )
}

/** Where to begin: each path once, none inside another, none outside the root. */
function starts(root: string, paths: readonly string[] = ['.']): string[] {
  const inside = paths.map((path) => relative(root, resolve(root, path)).split(sep).join('/'))
  const out = inside.find((path) => path === '..' || path.startsWith('../'))
  if (out !== undefined) throw new StepFailed('archive', `${out} lies outside ${root}`)
  const unique = [...new Set(inside)]
  const outer = unique.filter(
    (path) => !unique.some((other) => other !== path && (other === '' || path.startsWith(`${other}/`))),
  )
  return outer.map(pathFrom).toSorted((a, b) => (a < b ? -1 : 1))
}

/** The archive never holds itself. What it answers is asked by paths as in `tree-path.ts`. */
function leftOut(root: string, temporary: string, request: TreeRequest): (path: string) => boolean {
  const excluded = excluder(request.exclude)
  const own = [temporary, request.to].map((path) => pathFrom(relative(root, resolve(path)).split(sep).join('/')))
  const without = new Set([...own, ...(request.without ?? [])])
  return (path) => without.has(path) || excluded(shownPath(path))
}

import { lchown, lstat, realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import { joinPath, pathFrom, systemPath } from '../../archive/tree-path.ts'
import { walk } from '../../archive/walk.ts'
import { held, StepFailed } from '../../core/failure.ts'
import { codeOf } from '../../world/files.ts'

/** Entries below some paths of a folder, and how many of them are no folders. */
export type Counted = { entries: number; files: number }

/** The absolute path of one of the source's paths. Throws a StepFailed when a link stands on the way to it, or in its place. */
export async function plainPath(name: string, root: string, path: string): Promise<string> {
  const full = resolve(root, path)
  const folder = await realpath(dirname(full)).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') throw new StepFailed(name, `${dirname(path)} is not there`)
    throw error
  })
  if (folder !== resolve(await realpath(root), dirname(path)))
    throw new StepFailed(name, `${path} leads through a symbolic link; name the folder itself`)
  const found = await lstat(full).catch(() => null)
  if (found?.isSymbolicLink()) throw new StepFailed(name, `${path} is a symbolic link; name what it leads to`)
  return join(folder, basename(full))
}

/** Throws (held) for a mount point: it cannot be renamed, so what is in it cannot be swapped. */
export async function refuseMount(path: string, full: string): Promise<void> {
  const [own, parent] = [await lstat(full).catch(() => null), await lstat(dirname(full))]
  if (own !== null && own.dev !== parent.dev) throw mounted(path)
}

/** The error for a mount point, however it was found out. */
export function mounted(path: string): Error {
  return held(`${path} cannot be swapped`, 'it is a mount point, which cannot be renamed', [
    'Restore it beside with --to DIR, and copy what you need.',
    'Or name the folders inside it in knowngood.yaml.',
  ])
}

/** Counts as archives do: every entry, and those that are no folders. A path that is not there counts nothing. */
export async function countTree(root: string, paths: readonly string[]): Promise<Counted> {
  const counted = { entries: 0, files: 0 }
  for (const path of paths) {
    for (const { facts } of walk(pathFrom(root), pathFrom(path), () => false)) {
      if (facts.kind === 'gone') continue
      counted.entries += 1
      if (facts.kind !== 'folder') counted.files += 1
      // Looking at files blocks; others have a turn now and then.
      if (counted.entries % 500 === 0) await breathe()
    }
  }
  return counted
}

/** Whether there is nothing but folders at a path. */
export function holdsNoFile(root: string, path: string): boolean {
  for (const { facts } of walk(pathFrom(root), pathFrom(path), () => false))
    if (facts.kind !== 'folder' && facts.kind !== 'gone') return false
  return true
}

/** Gives a tree to the owner of what it replaces; only root may, and only root needs to. */
export async function giveTo(tree: string, like: string): Promise<void> {
  const owner = await lstat(like).catch(() => null)
  if (owner === null || process.getuid?.() !== 0) return
  await lchown(tree, owner.uid, owner.gid)
  if (!(await lstat(tree)).isDirectory()) return
  for (const { path, facts } of walk(pathFrom(tree), '', () => false))
    if (facts.kind !== 'gone') await lchown(systemPath(joinPath(pathFrom(tree), path)), owner.uid, owner.gid)
}

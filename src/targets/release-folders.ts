import { cp, lstat, readdir, readlink, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, exists, makeFolder, readJson, syncFolder, temporaryBeside, writeWhole } from '../world/files.ts'
import { removeTree } from '../world/remove-tree.ts'

/** What a kept release is: its folder's name, and what it was made from. */
export type Kept = { name: string; commit: string; buildId: string; at: string }

const CURRENT = 'current'

/** The folder of a release below the place releases are kept in. */
export function releaseFolder(place: string, name: string): string {
  return join(place, 'releases', name)
}

/** The link that the processes run from. */
function currentLink(place: string): string {
  return join(place, CURRENT)
}

/** The release the link leads to, or the path when that is none of ours; null when there is no link. Throws when something else stands there. */
export async function currentRelease(place: string): Promise<string | null> {
  try {
    const to = await readlink(currentLink(place))
    return /^releases\/([^/]+)$/.exec(to)?.[1] ?? to
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null
    throw error
  }
}

/** Copies what was built into a folder of its own, whole or not at all. */
export async function placeRelease(place: string, from: string, kept: Kept): Promise<void> {
  const folder = releaseFolder(place, kept.name)
  await makeFolder(join(place, 'releases'), 0o755)
  const temporary = join(place, 'releases', `.new-${kept.name}`)
  await removeTree(temporary)
  await removeTree(folder)
  // A worktree's `.git` names a folder that is gone after the run.
  const filter = (path: string) => path !== join(from, '.git')
  await cp(from, temporary, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true, filter })
  await syncFolder(temporary)
  await writeWhole(`${folder}.json`, `${JSON.stringify(kept)}\n`)
  await rename(temporary, folder)
  await syncFolder(join(place, 'releases'))
}

/** Leads the link to a release in one move; null takes the link away. */
export async function pointTo(place: string, name: string | null): Promise<void> {
  const link = currentLink(place)
  if (name === null) await rm(link, { force: true })
  else {
    const temporary = temporaryBeside(link)
    await symlink(name.includes('/') ? name : join('releases', name), temporary)
    await rename(temporary, link)
  }
  await syncFolder(place)
}

/** The releases that are whole, newest first. */
export async function keptReleases(place: string): Promise<Kept[]> {
  const names = await readdir(join(place, 'releases')).catch(() => [])
  const all = await Promise.all(
    names.filter((name) => name.endsWith('.json')).map((name) => readKept(place, name.slice(0, -'.json'.length))),
  )
  return all.filter((one) => one !== null).toSorted((a, b) => b.at.localeCompare(a.at))
}

/** Removes a release that nothing runs from. */
export async function removeRelease(place: string, name: string): Promise<void> {
  await rm(`${releaseFolder(place, name)}.json`, { force: true })
  await removeTree(releaseFolder(place, name))
  await removeTree(join(place, 'releases', `.new-${name}`))
}

async function readKept(place: string, name: string): Promise<Kept | null> {
  const value = await readJson(`${releaseFolder(place, name)}.json`).catch(() => null)
  if (typeof value !== 'object' || value === null || !('commit' in value) || !('at' in value)) return null
  if (!(await exists(releaseFolder(place, name))) || !(await lstat(releaseFolder(place, name))).isDirectory())
    return null
  const { commit, at, buildId } = value
  if (typeof commit !== 'string' || typeof at !== 'string' || typeof buildId !== 'string') return null
  return { name, commit, buildId, at }
}

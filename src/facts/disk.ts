import { join, relative } from 'node:path'
import type { DiskFacts } from '../core/facts.ts'
import type { Project } from '../core/project.ts'
import { folderSize, freeSpace } from '../world/disk.ts'

/**
 * Room on the backups' volume, and what the backup folders hold; a folder inside another is counted once. `known` are
 * the sizes of files that were looked at just now.
 */
export async function observeDisk(project: Project, known?: ReadonlyMap<string, number>): Promise<DiskFacts> {
  const { quick, prod, bundle, baseline } = project.backups
  const folders = [...new Set([quick, prod, bundle, baseline].map(({ dir }) => join(project.root, dir)))]
  const outer = folders.filter((folder) => !folders.some((other) => other !== folder && inside(folder, other)))
  const [volume, ...sizes] = await Promise.all([
    freeSpace(outer[0] ?? project.root),
    ...outer.map((folder) => folderSize(folder, known)),
  ])
  return { ...volume, used: sizes.reduce((sum, size) => sum + size, 0) }
}

function inside(folder: string, other: string): boolean {
  const path = relative(other, folder)
  return path !== '' && !path.startsWith('..')
}

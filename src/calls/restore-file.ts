import { lstat } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { extractTarGz } from '../archive/tar-read.ts'
import { extractZip } from '../archive/zip-read.ts'
import { messageOf, StepFailed } from '../core/failure.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import { clean } from '../core/text.ts'
import { copyNew, exists, makeFolder, refuseSymlink, syncFolder } from '../world/files.ts'
import { moveTree } from '../world/move-tree.ts'
import { removedAfter, removeTree } from '../world/remove-tree.ts'

/** `folder` is that of the backup, relative to the root; null where it has none. */
type Take = { places: { path: string; file: string }[]; folder: string | null; path: string; dir: string }
type Was = { free: boolean } | null

const ARCHIVE = /\.(zip|tar\.gz|tgz|tar)$/

/** One file or folder out of a backup: a file of its own folder, or a member of any archive in it. */
export const restoreFileCalls = {
  'restore.file': async ({ places, folder, path, dir }: Take, io: Io) => {
    const wanted = path.replace(/^\.\//, '').replace(/\/+$/, '')
    const to = placeIn(dir, wanted)
    if (await exists(to)) throw new StepFailed('restore', `${to} is there already and is left as it is`)
    const plain = await plainFile(io.root, { places, folder, wanted })
    if (plain !== null) {
      await makeFolder(dirname(to))
      await copyNew(plain, to, null)
      return { place: to, from: wanted }
    }
    const archives = places.filter(({ file }) => ARCHIVE.test(file))
    for (const { path: from, file } of archives) {
      const beside = join(dir, `.knowngood-${io.run}`)
      await removeTree(beside)
      try {
        return await removedAfter(beside, async () => {
          const options = { only: wanted, signal: io.signal }
          await (file.endsWith('.zip') ? extractZip(file, beside, options) : extractTarGz(file, beside, options))
          await makeFolder(dirname(to))
          await moveTree(join(beside, wanted), to)
          await syncFolder(dirname(to))
          return { place: to, from }
        })
      } catch (error) {
        if (!(error instanceof StepFailed) || !messageOf(error).includes(' is not in ')) throw error
      }
    }
    const looked = places.map(({ path: at }) => at).join(', ')
    throw new StepFailed('restore', `${clean(path)} is in none of ${clean(looked || 'its parts')}`)
  },

  'restore.file.look': async ({ to }: { to: string }) => ({ free: !(await exists(to)) }),

  'restore.file.probe': async ({ to }: { to: string }) => {
    const there = await exists(to)
    return { state: there ? 'partial' : 'absent', saw: null }
  },

  'restore.file.remove': async ({ to, was }: { to: string; was: Was }) => {
    if (was?.free === true) await removeTree(to)
    return {}
  },
} satisfies CallRegistry

function placeIn(dir: string, path: string): string {
  const to = resolve(dir, path)
  if (!to.startsWith(resolve(dir) + sep)) throw new StepFailed('restore', `${clean(path)} leads out of ${dir}`)
  return to
}

/** A file of the backup as it lies there: a part by its path, or what stands in its folder. */
async function plainFile(
  root: string,
  { places, folder, wanted }: { places: Take['places']; folder: string | null; wanted: string },
): Promise<string | null> {
  const part = places.find(({ path }) => path === wanted)
  const file = part?.file ?? (folder === null ? null : placeIn(resolve(root, folder), wanted))
  if (file === null || !(await lstat(file).catch(() => null))?.isFile()) return null
  await refuseSymlink(file)
  return file
}

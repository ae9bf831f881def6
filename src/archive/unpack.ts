import { chmodSync, lutimesSync, mkdirSync, symlinkSync } from 'node:fs'
import { chmod, link, mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StepFailed } from '../core/failure.ts'
import { clean } from '../core/text.ts'
import { freeSpace } from '../world/disk.ts'
import { exists, makeFolder, syncFolder, temporaryBeside } from '../world/files.ts'
import { sweepTemporaries } from '../world/leftovers.ts'
import { removeTree } from '../world/remove-tree.ts'
import { turnTaker } from '../world/turn.ts'
import type { ArchiveEntry, ArchiveLimits } from './entries.ts'
import { isWithin, LIMITS } from './entries.ts'
import { withoutHoles } from './holes.ts'
import { syncTree } from './sync-tree.ts'
import { joinBytes } from './tree-path.ts'
import { writeAll } from './write-all.ts'

/** What an archive may hold that is unpacked there: never more than its disk has free. */
export async function limitsAt(to: string, wanted: Partial<ArchiveLimits> = {}): Promise<ArchiveLimits> {
  const { free } = await freeSpace(dirname(to))
  const limits = { ...LIMITS, ...wanted }
  return { ...limits, bytes: Math.min(limits.bytes, free) }
}

/** The entries that are asked for by one path; throws when none is. */
export function chosen<T extends ArchiveEntry>(
  path: string,
  all: readonly T[],
  only: string | undefined,
): readonly T[] {
  if (only === undefined) return all
  const wanted = all.filter((entry) => isWithin(entry, only))
  if (wanted.length === 0) throw new StepFailed('unpack', `${clean(only)} is not in ${clean(path)}`)
  return wanted
}

/** Lets `work` fill a folder beside `to` and renames it there when it returns; when it throws, nothing is left. */
export async function unpackBeside<T>(to: string, work: (root: Buffer) => Promise<T>): Promise<T> {
  if (await exists(to)) throw new StepFailed('unpack', `${to} exists already and is left as it is`)
  await makeFolder(dirname(to))
  await sweepTemporaries(dirname(to))
  const beside = temporaryBeside(to)
  try {
    await mkdir(beside, { mode: 0o700 })
    const result = await work(Buffer.from(beside))
    await syncTree(beside)
    await chmod(beside, 0o755)
    await rename(beside, to)
    await syncFolder(dirname(to))
    return result
  } catch (error) {
    await removeTree(beside).catch(() => undefined)
    throw error
  }
}

/**
 * Puts members of a checked archive below a folder that is ours alone. Folders are made while it waits: of thousands each takes
 * some microseconds, and waiting for it many times as long.
 */
export type Placer = {
  folder(entry: ArchiveEntry): void
  /** The path of a file, its folder made, for who writes it on their own. */
  pathFor(entry: ArchiveEntry): Buffer
  /** A file's content; what `content` throws leaves the file as it is, half. */
  file(entry: ArchiveEntry, content: AsyncIterable<Buffer>): Promise<void>
  link(entry: ArchiveEntry): void
  /** A second name for a file that was placed before. */
  hard(entry: ArchiveEntry, target: Buffer): Promise<void>
  /** Makes the links, then gives folders their modes and times: a read-only one could not have been filled. */
  finish(): Promise<void>
}

export function placer(root: Buffer): Placer {
  const made = new Set<string>()
  const folders: ArchiveEntry[] = []
  const links: ArchiveEntry[] = []
  const pathOf = (entry: ArchiveEntry): Buffer =>
    joinBytes(root, entry.name.at(-1) === 0x2f ? entry.name.subarray(0, -1) : entry.name)
  const make = (folder: Buffer): void => {
    const key = folder.toString('latin1')
    if (made.has(key)) return
    mkdirSync(folder, { recursive: true })
    made.add(key)
  }
  const pathFor = (entry: ArchiveEntry): Buffer => {
    const path = pathOf(entry)
    make(path.subarray(0, path.lastIndexOf(0x2f)))
    return path
  }
  return {
    folder(entry) {
      make(pathOf(entry))
      folders.push(entry)
    },
    pathFor,
    async file(entry, content) {
      const path = pathFor(entry)
      // Exclusive: whatever was planted at the name is an error and never followed.
      const output = await open(path, 'wx', 0o600)
      try {
        let size = 0
        for await (const chunk of content) {
          for (const { offset, part } of withoutHoles(chunk)) await writeAll(output, part, size + offset)
          size += chunk.length
        }
        await output.truncate(size)
      } finally {
        await output.close()
      }
      dress(entry, path, 0o644)
    },
    link(entry) {
      links.push(entry)
    },
    async hard(entry, target) {
      await link(joinBytes(root, target), pathFor(entry))
    },
    async finish() {
      const turn = turnTaker()
      // Links last: nothing can be written through one that is not there yet.
      for (const entry of links) {
        const path = pathFor(entry)
        symlinkSync(Buffer.from(entry.link ?? '', 'latin1'), path)
        dateLink(entry, path)
        await turn()
      }
      for (const entry of folders.toSorted((a, b) => b.name.length - a.name.length)) {
        dress(entry, pathOf(entry), 0o755)
        await turn()
      }
    },
  }
}

/** Some file systems keep no times of links, or would follow them: a link that leads where it did is whole all the same. */
function dateLink({ modified }: ArchiveEntry, path: Buffer): void {
  try {
    lutimesSync(path, modified, modified)
  } catch {
    // It has the time it was made at.
  }
}

function dress(entry: ArchiveEntry, path: Buffer, plain: number): void {
  // Never a set-user or set-group bit from an archive.
  chmodSync(path, entry.mode === 0 ? plain : entry.mode & 0o777)
  lutimesSync(path, entry.modified, entry.modified)
}

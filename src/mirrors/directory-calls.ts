import { constants } from 'node:fs'
import { copyFile, lstat, mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { sha256File } from '../archive/checksum.ts'
import { StepFailed } from '../core/failure.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import type { MirrorCopy, MirrorHeld } from '../core/plug-in.ts'
import { folderSize, freeSpace } from '../world/disk.ts'
import { codeOf, exists, readText, syncFolder, writeWhole } from '../world/files.ts'
import { CARD, cardOf, readCard } from './card.ts'
import type { DirectoryOptions } from './directory.ts'

/** Says that this folder is meant: made by hand, once, on the mounted drive. */
export const MARKER = '.knowngood-mirror'

type Put = { options: DirectoryOptions; copy: MirrorCopy }
type Held = { options: DirectoryOptions; held: MirrorHeld }

export const directoryCalls = {
  'directory.put': async ({ options, copy }: Put, io: Io) => {
    const top = await place(io.root, options)
    const final = join(top, copy.folder)
    const standing = readCard((await readText(join(final, CARD))) ?? '')
    if (standing?.digest === copy.digest) return { bytes: 0 }
    if (await exists(final)) throw new StepFailed('mirror', `${final} is something else and is left as it is`)
    const bytes = copy.files.reduce((sum, file) => sum + file.bytes, 0)
    const alarm = await roomFor(top, options, bytes)
    if (alarm !== null) io.line(alarm)
    const half = join(dirname(final), `.${copy.id}.partial`)
    const { dev } = await lstat(top)
    let done = 0
    for (const { path, file, sha256, bytes: size } of copy.files) {
      const to = join(half, path)
      await stillThere(top, dev, options)
      await makeBelow(top, dirname(to))
      // What an earlier attempt brought over whole is kept.
      if (!(await holds(to, size, sha256, io)))
        await bring(file, to, sha256, io).catch(async (error: unknown) => {
          await stillThere(top, dev, options)
          throw error
        })
      done += size
      io.bytes(done, bytes)
    }
    await stillThere(top, dev, options)
    await writeWhole(join(half, CARD), cardOf(copy))
    await stillThere(top, dev, options)
    await rename(half, final)
    await syncFolder(dirname(final))
    return { bytes }
  },

  'directory.check': async ({ options, held }: Held, io: Io) => {
    const folder = join(await place(io.root, options), held.folder)
    let done = 0
    for (const { path, bytes, sha256 } of held.files) {
      const found = await sha256File(join(folder, path), undefined, io.signal).catch(() => null)
      if (found === null) throw new StepFailed('mirror', `${path} of ${held.id} is not there any more`)
      if (found !== sha256)
        throw new StepFailed('mirror', `${path} of ${held.id} has changed there: its SHA-256 is ${found}`)
      io.bytes((done += bytes), null)
    }
    return { bytes: done }
  },

  'directory.drop': async ({ options, held }: Held, io: Io) => {
    const folder = join(await place(io.root, options), held.folder)
    const aside = join(dirname(folder), `.deleting-${held.id}`)
    const card = readCard((await readText(join(folder, CARD))) ?? '')
    if (card !== null && card.digest === held.digest) await rename(folder, aside)
    const gone = readCard((await readText(join(aside, CARD))) ?? '')
    if (gone === null || gone.digest !== held.digest) return { removed: [] }
    // By name, file by file: what somebody else put in there stays, and so does its folder.
    for (const { path } of [...held.files, { path: CARD }]) await rm(join(aside, path), { force: true })
    for (const sub of foldersOf(held)) await rmdir(join(aside, sub)).catch(() => undefined)
    await rmdir(aside).catch(() => io.line(`${aside} holds files that are not ours; they are left`))
    return { removed: [held.folder] }
  },
} satisfies CallRegistry

/** The mirror's folder. Throws when it is not there, not a mount of its own, or bears no marker. */
export async function place(root: string, { to, mounted }: DirectoryOptions): Promise<string> {
  const top = resolve(root, to)
  const there = await lstat(top).catch(() => null)
  if (there === null) throw new StepFailed('mirror', `${to} is not there; is the drive mounted?`)
  if (!there.isDirectory()) throw new StepFailed('mirror', `${to} is not a folder`)
  if (mounted && !(await onItsOwnVolume(root, there.dev))) {
    throw new StepFailed('mirror', `${to} is not on a mounted volume of its own; nothing was written`)
  }
  if (!(await exists(join(top, MARKER)))) {
    throw new StepFailed('mirror', `${to} bears no marker; if it is the right drive: touch ${to}/${MARKER}`)
  }
  return top
}

/** Throws when the drive went away while it was written to: what lies below its folder is another disk's. */
async function stillThere(top: string, dev: number, { to }: DirectoryOptions): Promise<void> {
  const there = await lstat(top).catch(() => null)
  if (there?.dev === dev && (await exists(join(top, MARKER)))) return
  const why = `${to} went away while it was written to: mount it again, and what had arrived is gone on with`
  throw new StepFailed('mirror', why)
}

/** Makes a folder inside `top`, which must be there: never the place of a drive that is away. */
async function makeBelow(top: string, folder: string): Promise<void> {
  let at = top
  for (const part of relative(top, folder).split(sep)) {
    at = join(at, part)
    await mkdir(at, { mode: 0o700 }).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error
    })
  }
}

/** On another device than the repository and than the system: what is left of a drive that was not mounted is neither. */
async function onItsOwnVolume(root: string, dev: number): Promise<boolean> {
  return (await stat('/')).dev !== dev && (await stat(root)).dev !== dev
}

/** Every whole copy below, by its card. */
export async function heldIn(top: string, below: string): Promise<MirrorHeld[]> {
  const found: MirrorHeld[] = []
  for (const kind of await names(join(top, below))) {
    for (const id of await names(join(top, below, kind))) {
      if (id.startsWith('.')) continue
      const card = readCard((await readText(join(top, below, kind, id, CARD)).catch(() => null)) ?? '')
      if (card !== null && card.folder === `${below}/${kind}/${id}`) found.push(card)
    }
  }
  return found
}

async function names(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
}

async function holds(path: string, bytes: number, sha256: string, io: Io): Promise<boolean> {
  const there = await lstat(path).catch(() => null)
  if (there === null || !there.isFile() || there.size !== bytes) return false
  return (await sha256File(path, undefined, io.signal)) === sha256
}

/** One file, synced and read back; a flaw here means that the source itself has rotted, or the drive. */
async function bring(from: string, to: string, sha256: string, io: Io): Promise<void> {
  await rm(to, { force: true })
  await copyFile(from, to, constants.COPYFILE_EXCL)
  const handle = await open(to, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
  const found = await sha256File(to, undefined, io.signal)
  if (found === sha256) return
  await rm(to, { force: true })
  throw new StepFailed('mirror', `${from} did not arrive as it was recorded: its SHA-256 there is ${found}`)
}

/** Throws when the copy does not fit; says so when it brings the quota to its alarm. */
async function roomFor(top: string, options: DirectoryOptions, bytes: number): Promise<string | null> {
  const { quota, to } = options
  const { free } = await freeSpace(top)
  if (free < bytes * 1.02) throw new StepFailed('mirror', `${to} has ${free} bytes free and the copy takes ${bytes}`)
  if (quota === undefined) return null
  const used = await folderSize(top)
  if (used + bytes > quota) {
    throw new StepFailed('mirror', `the copy would take ${to} over its quota: ${used + bytes} of ${quota} bytes`)
  }
  return quotaAlarm(used + bytes, options)
}

/** What is said from four fifths of the quota on; null below. */
export function quotaAlarm(used: number, { quota, to }: DirectoryOptions): string | null {
  if (quota === undefined || used < quota * 0.8) return null
  return `${to} is at ${Math.round((100 * used) / quota)} % of its quota`
}

/** The folders inside a copy, the deepest first. */
function foldersOf(held: MirrorHeld): string[] {
  const found = new Set<string>()
  for (const { path } of held.files) {
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) found.add(folder)
  }
  return [...found].toSorted((a, b) => b.length - a.length)
}

import { randomBytes } from 'node:crypto'
import { constants, mkdirSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { copyFile, link, lstat, mkdir, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Json } from '../core/json.ts'

/** The code of a system error ("ENOENT"), or null. */
export function codeOf(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return typeof code === 'string' ? code : null
}

/** A name nobody else uses, in the same folder, so that a rename stays on one device. Short: names may be 255 bytes. */
export function temporaryBeside(path: string): string {
  return join(dirname(path), `.knowngood-${process.pid}-${randomBytes(6).toString('hex')}.tmp`)
}

/** Makes a folder of its own in the system's place for temporaries; 0700. */
export async function temporaryFolder(prefix: string): Promise<string> {
  return await mkdtemp(join(tmpdir(), prefix))
}

/** Makes a folder and its parents. Private by default. */
export async function makeFolder(path: string, mode = 0o700): Promise<void> {
  await mkdir(path, { recursive: true, mode }).catch(() => makeFolderNow(path, mode))
}

/** As `makeFolder`, before it returns. */
export function makeFolderNow(path: string, mode = 0o700): void {
  try {
    mkdirSync(path, { recursive: true, mode })
  } catch (error) {
    // On a read-only volume Node says of a recursive one that nothing is there: each by itself says why.
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error
    makeFolderNow(dirname(path), mode)
    mkdirSync(path, { mode })
  }
}

/** Makes a finished rename or link durable. File systems that cannot sync a folder are left alone. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY)
  try {
    await syncHandle(handle)
  } finally {
    await handle.close()
  }
}

/** Makes what was written durable; throws when it could not be. What no system can sync (a device, some folders) is left alone. */
export async function syncHandle(handle: Pick<FileHandle, 'sync'>): Promise<void> {
  await handle.sync().catch((error: unknown) => {
    if (!['EINVAL', 'ENOTSUP', 'EPERM', 'EISDIR', 'EBADF'].includes(codeOf(error) ?? '')) throw error
  })
}

/** Throws when a symlink stands at the path: a planted one must never redirect or be replaced by what we write. */
export async function refuseSymlink(path: string): Promise<void> {
  const stat = await lstat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  })
  if (stat?.isSymbolicLink()) throw new Error(`${path} is a symbolic link; it is neither followed nor replaced`)
}

async function writeSynced(path: string, data: string | Uint8Array, mode: number): Promise<void> {
  // O_EXCL: a link planted under the temporary name is an error, never followed.
  const handle = await open(path, 'wx', mode)
  try {
    await handle.chmod(mode)
    await handle.writeFile(data)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Writes a file whole or not at all: temporary in the same folder, fsync, rename, fsync of the folder. */
export async function writeWhole(
  path: string,
  data: string | Uint8Array,
  options: { mode?: number } = {},
): Promise<void> {
  const mode = options.mode ?? 0o600
  await makeFolder(dirname(path), mode === 0o600 ? 0o700 : 0o755)
  await refuseSymlink(path)
  const temporary = temporaryBeside(path)
  try {
    await writeSynced(temporary, data, mode)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(dirname(path))
}

/** As `writeWhole`, but never over an existing file: of two makers of one name one gets `false`. */
export async function writeNew(
  path: string,
  data: string | Uint8Array,
  options: { mode?: number } = {},
): Promise<boolean> {
  const mode = options.mode ?? 0o600
  await makeFolder(dirname(path), mode === 0o600 ? 0o700 : 0o755)
  const temporary = temporaryBeside(path)
  try {
    await writeSynced(temporary, data, mode)
    return await publishNew(temporary, path)
  } finally {
    await rm(temporary, { force: true })
  }
}

/** Copies a file to a path where nothing stands, its bytes on disk when it returns. `mode` null: that of the file. */
export async function copyNew(from: string, to: string, mode: number | null): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_EXCL)
  const handle = await open(to, constants.O_RDONLY)
  try {
    if (mode !== null) await handle.chmod(mode)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await syncFolder(dirname(to))
}

/** Gives a file a second name beside its own, with this mode; false when that name is taken. A link is refused. */
export async function keepBeside(path: string, second: string, mode: number): Promise<boolean> {
  await refuseSymlink(path)
  return await writeNew(second, await readFile(path), { mode })
}

/**
 * Gives a finished temporary its final name unless that name is taken; true when it was given. `keep`: it keeps its first
 * name too, where the file system has hard links.
 */
export async function publishNew(temporary: string, path: string, options: { keep?: boolean } = {}): Promise<boolean> {
  try {
    await link(temporary, path)
  } catch (error) {
    const code = codeOf(error) ?? ''
    if (code === 'EEXIST') return false
    // No hard links here (FAT, some network drives): look, then rename.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code)) throw error
    if (await exists(path)) return false
    await rename(temporary, path)
  }
  if (options.keep !== true) await rm(temporary, { force: true })
  await syncFolder(dirname(path))
  return true
}

/**
 * Adds one line, on disk when it returns. A last line torn by a crash is left as it is and the new one starts on
 * its own line. A symlink at the path is refused.
 */
export async function appendLine(path: string, line: string, mode = 0o600): Promise<void> {
  if (line.includes('\n')) throw new Error('a line may not hold a line break')
  await makeFolder(dirname(path), mode === 0o600 ? 0o700 : 0o755)
  const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW
  const handle = await open(path, flags, mode)
  try {
    const { size } = await handle.stat()
    const last = Buffer.alloc(1)
    if (size > 0) await handle.read(last, 0, 1, size - 1)
    const torn = size > 0 && last[0] !== 10
    // One write: with O_APPEND it lands whole behind whatever another process added meanwhile.
    await handle.writeFile(`${torn ? '\n' : ''}${line}\n`)
    await handle.datasync()
  } finally {
    await handle.close()
  }
}

/** Whether anything stands at the path, a dangling link included. */
export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return false
      throw error
    },
  )
}

/** The text of a file, or null when there is none. */
export async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null
    throw error
  }
}

/** A JSON file's value, or null when there is none; text that does not parse throws, naming the file. */
export async function readJson(path: string): Promise<Json> {
  const text = await readText(path)
  if (text === null) return null
  try {
    return JSON.parse(text) as Json
  } catch {
    throw new Error(`${path} is not valid JSON`)
  }
}

import { chmod, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CHECKSUMS, formatChecksums } from '../archive/checksum-list.ts'
import { sha256File } from '../archive/checksum.ts'
import { hashFiles } from '../archive/hash-files.ts'
import type { BackupRecord } from '../core/backup.ts'
import type { ManifestFile } from '../core/manifest.ts'
import { codeOf, exists, syncFolder, writeWhole } from '../world/files.ts'

/** `record` but for what only the finished folder says. `frozen`: nobody writes into it afterwards. */
type Folder = {
  stage: string
  final: string
  record: BackupRecord
  texts: Readonly<Record<string, string>>
  manifest: (files: readonly ManifestFile[]) => string
  frozen: boolean
  signal: AbortSignal
}

/**
 * Makes a staged folder explain itself (backup.json, MANIFEST.md, CHECKSUM.sha256), syncs it and gives it its name. Gives the digest of its
 * checksum list, which speaks for every byte; null when the name is taken, and everything is as it was.
 */
export async function publishFolder(folder: Folder): Promise<string | null> {
  const { stage, final, record, texts, frozen, signal } = folder
  if (await exists(final)) return null
  const texted = { ...texts, 'backup.json': `${JSON.stringify({ ...record, digest: '' }, null, 2)}\n` }
  for (const [name, text] of Object.entries(texted)) await writeWhole(join(stage, name), text)
  const ours = new Set(['MANIFEST.md', CHECKSUMS])
  const { files, folders } = await contents(stage)
  const listed = files.filter((path) => !ours.has(path)).toSorted()
  const hashed = [...(await hashFiles(stage, listed, { signal }))].map(([path, digest]) => ({ path, ...digest }))
  await writeWhole(join(stage, 'MANIFEST.md'), folder.manifest(hashed))
  const manifest = { path: 'MANIFEST.md', sha256: await sha256File(join(stage, 'MANIFEST.md')) }
  await writeWhole(join(stage, CHECKSUMS), formatChecksums([...hashed, manifest]))
  if (frozen) for (const path of [...listed, ...ours]) await chmod(join(stage, path), 0o400)
  for (const path of folders.toReversed()) {
    await syncFolder(join(stage, path))
    if (frozen) await chmod(join(stage, path), 0o500)
  }
  const digest = await sha256File(join(stage, CHECKSUMS))
  try {
    await rename(stage, final)
  } catch (error) {
    if (['EEXIST', 'ENOTEMPTY', 'ENOTDIR'].includes(codeOf(error) ?? '')) return null
    throw error
  }
  await syncFolder(dirname(final))
  return digest
}

const TEMPORARY = /^\.knowngood-\d+-[0-9a-f]+\.tmp$/

/** Files and folders below, relative; folders before what they hold, the top first. Anything else has no place in a backup. */
async function contents(top: string): Promise<{ files: string[]; folders: string[] }> {
  const found = { files: [] as string[], folders: [''] }
  for (const entry of await readdir(top, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name).slice(top.length + 1)
    // What an attempt that was killed had half written.
    if (TEMPORARY.test(entry.name)) await rm(join(top, path), { recursive: true, force: true })
    else if (entry.isDirectory()) found.folders.push(path)
    else if (entry.isFile()) found.files.push(path)
    else throw new Error(`${path} is neither a file nor a folder`)
  }
  found.folders.sort()
  return found
}

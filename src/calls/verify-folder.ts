import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { CHECKSUMS as LIST } from '../archive/checksum-list.ts'
import { messageOf } from '../core/failure.ts'
import { folderList } from '../records/folder-list.ts'
import { readText } from '../world/files.ts'
import { partFlaws } from './verify-parts.ts'
import type { Flaw, Read, Reader, Verified } from './verify-parts.ts'

/** A folder, every file of it: against its list and its record; without either it gets its digest here. */
export async function folderAgain(backup: Verified, root: string, reader: Reader): Promise<Read> {
  const folder = resolve(root, backup.path)
  const found = backup.origin === 'found'
  const text = await readText(join(folder, LIST))
  if (text === null && found) return unlisted(backup, folder, root, reader)
  const flaws =
    text === null ? [whole(`${LIST} is missing`)] : await listedFlaws(backup, { folder, root, text }, reader)
  return { digest: backup.digest, bytes: reader.bytes(), flaws, sums: reader.sums }
}

const whole = (why: string): Flaw => ({ part: '*', why })

type Listed = { folder: string; root: string; text: string }

async function listedFlaws(backup: Verified, { folder, root, text }: Listed, reader: Reader): Promise<Flaw[]> {
  const found = backup.origin === 'found'
  let listed: Map<string, string>
  try {
    listed = folderList(text, backup.origin)
  } catch (error) {
    // A list that cannot be read vouches for nothing: what it would have said of the rest is not guessed.
    return [whole(messageOf(error))]
  }
  const flaws: Flaw[] = []
  const standing = await filesBelow(folder)
  const parts = new Map(backup.parts.map((part) => [part.path, part]))
  for (const path of standing)
    if (path !== LIST && !listed.has(path) && !found) flaws.push(whole(`${path} is not in ${LIST}: it was added`))
  for (const [path, sha256] of listed) {
    const part = parts.get(path)
    if (part !== undefined && part.sha256 !== sha256)
      flaws.push({ part: path, why: `${path} is recorded twice, and not alike` })
    else if (!standing.includes(path)) flaws.push({ part: part?.path ?? '*', why: `${path} is missing` })
    else if (part !== undefined) flaws.push(...(await partFlaws(backup, part, root, reader)))
    else if ((await reader.hash(join(folder, path))) !== sha256)
      flaws.push(whole(`${path} has other bytes than were recorded`))
  }
  for (const part of backup.parts) {
    if (listed.has(part.path)) continue
    const flaw = { part: part.path, why: `${part.path} is not in ${LIST}` }
    flaws.push(...(found ? await partFlaws(backup, part, root, reader) : [flaw]))
  }
  return flaws
}

/** A folder that says nothing of its bytes: one hash over all of them is what proofs refer to. */
async function unlisted(backup: Verified, folder: string, root: string, reader: Reader): Promise<Read> {
  const all = createHash('sha256')
  const flaws: Flaw[] = []
  const parts = new Map(backup.parts.map((part) => [part.path, part]))
  for (const path of (await filesBelow(folder)).toSorted()) {
    const part = parts.get(path)
    if (part !== undefined) flaws.push(...(await partFlaws(backup, part, root, reader)))
    const sha256 = reader.sums.get(path) ?? (await reader.hash(join(folder, path)))
    all.update(`${sha256}  ${path}\n`)
  }
  return { digest: all.digest('hex'), bytes: reader.bytes(), flaws, sums: reader.sums }
}

/** Every file below a folder, links and pipes included, relative to it. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
}

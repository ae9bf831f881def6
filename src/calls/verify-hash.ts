import { lstat, readdir } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { sha256File } from '../archive/checksum.ts'
import { parseChecksums } from '../archive/checksum-list.ts'
import type { BackupRecord, Part } from '../core/backup.ts'
import { messageOf } from '../core/failure.ts'
import { KINDS } from '../core/kinds.ts'
import { partFile } from '../core/part-file.ts'
import { BACKUP_REFS } from '../core/paths.ts'
import type { Io } from '../core/plan.ts'
import { readText } from '../world/files.ts'
import { openGit } from '../world/git.ts'
import { hasCommit } from '../world/git-history.ts'
import { readRemoteRef } from '../world/git-remote.ts'

export type Verified = Pick<BackupRecord, 'id' | 'kind' | 'path' | 'parts' | 'digest' | 'commit' | 'origin' | 'bytes'>

/** What does not hold: of which part (`*`: of the whole), and how. */
export type Flaw = { part: string; why: string }

/** What was read: the digest proofs refer to, how many bytes, and everything that does not hold. */
export type Read = { digest: string; bytes: number; flaws: Flaw[] }

/** Names in a folder that its list of checksums cannot or need not hold. */
const LIST = 'CHECKSUM.sha256'

/** Reads every byte of a backup again and compares it with everything that was written down about it. */
export async function readAgain(backup: Verified, remote: string | null, io: Io): Promise<Read> {
  const { shape } = KINDS[backup.kind]
  const counter = bytesOf(backup, io)
  if (shape === 'archive') return archiveAgain(backup, io, counter)
  const flaws = shape === 'folder' ? await folderFlaws(io.root, backup, io, counter) : []
  if (shape !== 'folder') for (const part of backup.parts) flaws.push(...(await partFlaws(backup, part, io, counter)))
  if (shape === 'pointer' || backup.kind === 'full') flaws.push(...(await commitFlaws(backup, remote, io)))
  return { digest: backup.digest, bytes: counter.read(), flaws }
}

type Counter = { add(bytes: number): (done: number) => void; read(): number }

/** Bytes of all files together, told as they are read. */
function bytesOf(backup: Verified, io: Io): Counter {
  const total = backup.parts.reduce((sum, part) => sum + part.bytes, 0) || backup.bytes
  let before = 0
  let now = 0
  return {
    add: (size) => {
      const base = before
      before += size
      return (done) => {
        now = base + done
        io.bytes(now, Math.max(total, now))
      }
    },
    read: () => before,
  }
}

async function hashed(file: string, io: Io, counter: Counter): Promise<string> {
  const { size } = await lstat(file)
  return sha256File(file, counter.add(size), io.signal)
}

async function partFlaws(backup: Verified, part: Part, io: Io, counter: Counter): Promise<Flaw[]> {
  const file = partFile(io.root, backup, part)
  const flaw = (why: string): Flaw[] => [{ part: part.path, why: `${part.path} ${why}` }]
  const stat = await lstat(file).catch(() => null)
  if (stat === null) return flaw('is missing')
  if (!stat.isFile()) return flaw('is no plain file any more')
  // What was found says its size only; what it held is known from the first reading on.
  if (stat.size < part.bytes) return flaw(`is cut short: ${stat.size} of ${part.bytes} bytes`)
  if (stat.size > part.bytes) return flaw(`has grown: ${stat.size} bytes, not ${part.bytes}`)
  if (part.sha256 === '') return []
  return (await hashed(file, io, counter)) === part.sha256 ? [] : flaw('has other bytes than were recorded')
}

async function folderFlaws(root: string, backup: Verified, io: Io, counter: Counter): Promise<Flaw[]> {
  const folder = resolve(root, backup.path)
  const text = await readText(join(folder, LIST))
  if (text === null) return [{ part: '*', why: `${LIST} is missing` }]
  const flaws: Flaw[] = []
  const listed = new Map<string, string>()
  try {
    for (const { path, sha256 } of parseChecksums(text, LIST)) listed.set(path, sha256)
  } catch (error) {
    // A list that cannot be read vouches for nothing: what it would have said of the rest is not guessed.
    return [{ part: '*', why: messageOf(error) }]
  }
  const standing = await filesBelow(folder)
  for (const path of standing)
    if (path !== LIST && !listed.has(path)) flaws.push({ part: '*', why: `${path} is not in ${LIST}: it was added` })
  const parts = new Map(backup.parts.map((part) => [part.path, part]))
  for (const [path, sha256] of listed) {
    const part = parts.get(path)
    if (part !== undefined && part.sha256 !== sha256)
      flaws.push({ part: path, why: `${path} is recorded twice, and not alike` })
    else if (!standing.includes(path)) flaws.push({ part: part?.path ?? '*', why: `${path} is missing` })
    else if (part !== undefined) flaws.push(...(await partFlaws(backup, part, io, counter)))
    else if ((await hashed(join(folder, path), io, counter)) !== sha256)
      flaws.push({ part: '*', why: `${path} has other bytes than were recorded` })
  }
  for (const part of backup.parts)
    if (!listed.has(part.path)) flaws.push({ part: part.path, why: `${part.path} is not in ${LIST}` })
  return flaws
}

/** Every file below a folder, links and pipes included, relative to it. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
}

/** An archive, and every list of checksums that stands beside it. One without a record gets its digest here. */
async function archiveAgain(backup: Verified, io: Io, counter: Counter): Promise<Read> {
  const own: Part = {
    source: '',
    use: '',
    path: backup.path,
    bytes: backup.bytes,
    sha256: backup.digest,
    unsettled: [],
  }
  const found = backup.parts.length === 0
  const flaws: Flaw[] = []
  let { digest } = backup
  for (const part of found ? [own] : backup.parts) {
    const file = partFile(io.root, backup, part)
    const name = basename(file)
    flaws.push(...(await partFlaws(backup, part, io, counter)))
    if (flaws.length > 0) continue
    const sha256 = part.sha256 === '' ? await hashed(file, io, counter) : part.sha256
    if (found) digest = sha256
    for (const list of [`${file}.sha256`, join(dirname(file), 'SHA256SUMS')]) {
      const said = await listedIn(list, name, backup.kind === 'bundle' || list.endsWith('.sha256'))
      if (said === null || said === sha256) continue
      const why = said.length === 64 ? `${name} is not what ${basename(list)} says` : said
      flaws.push({ part: found ? '*' : part.path, why })
    }
  }
  return { digest, bytes: counter.read(), flaws: found ? flaws.map(({ why }) => ({ part: '*', why })) : flaws }
}

/** The SHA-256 a list has for a name, or why the list cannot be read; null where there is none, or it does not know the name. */
async function listedIn(list: string, name: string, ours: boolean): Promise<string | null> {
  const text = ours ? await readText(list) : null
  if (text === null) return null
  try {
    return parseChecksums(text, basename(list)).find((line) => basename(line.path) === name)?.sha256 ?? null
  } catch (error) {
    return messageOf(error)
  }
}

/** The commit with every object of its tree here, and held on the remote. */
async function commitFlaws(backup: Verified, remote: string | null, io: Io): Promise<Flaw[]> {
  const git = openGit(io.root)
  const { commit, id } = backup
  const flaw = (why: string): Flaw[] => [{ part: '*', why }]
  if (commit === null) return flaw('its record names no commit')
  if (!(await hasCommit(git, commit))) return flaw(`the commit ${commit} is not in this clone`)
  try {
    await git.raw(['rev-list', '--objects', '--no-walk', '--quiet', '--end-of-options', commit], { signal: io.signal })
  } catch (error) {
    return flaw(`the commit ${commit.slice(0, 7)} is incomplete here: ${messageOf(error)}`)
  }
  if (remote === null) return []
  const ref = `${BACKUP_REFS}/${id}`
  if ((await readRemoteRef(git, remote, ref, { signal: io.signal })) === commit) return []
  // One from before Knowngood has no reference of its own; a branch there that holds it keeps it as well.
  const held = await git.raw(['for-each-ref', '--count=1', `--contains=${commit}`, `refs/remotes/${remote}/`])
  return held.trim() !== '' ? [] : flaw(`nothing on ${remote} holds the commit ${commit.slice(0, 7)}: ${ref} is gone`)
}

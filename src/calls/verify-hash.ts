import { basename, dirname, join } from 'node:path'
import { parseChecksums } from '../archive/checksum-list.ts'
import type { Part } from '../core/backup.ts'
import { messageOf } from '../core/failure.ts'
import { KINDS } from '../core/kinds.ts'
import { partFile } from '../core/part-file.ts'
import { BACKUP_REFS } from '../core/paths.ts'
import type { Io } from '../core/plan.ts'
import { readText } from '../world/files.ts'
import { openGit } from '../world/git.ts'
import { hasCommit } from '../world/git-history.ts'
import { readRemoteRef } from '../world/git-remote.ts'
import { folderAgain } from './verify-folder.ts'
import { partFlaws, readerOf } from './verify-parts.ts'
import type { Flaw, Read, Reader, Verified } from './verify-parts.ts'

/**
 * Reads every byte of a backup again and compares it with everything that was written down about it. `commit` false: its
 * data alone is wanted, and where its commit is held says nothing about that.
 */
export async function readAgain(
  backup: Verified,
  { remote, commit }: { remote: string | null; commit: boolean },
  io: Io,
): Promise<Read> {
  const { shape } = KINDS[backup.kind]
  const reader = readerOf(backup, io)
  if (shape === 'archive') return archiveAgain(backup, io, reader)
  if (shape === 'folder') return folderAgain(backup, io.root, reader)
  const flaws: Flaw[] = []
  for (const part of backup.parts) flaws.push(...(await partFlaws(backup, part, io.root, reader)))
  if (commit && (shape === 'pointer' || backup.kind === 'full')) flaws.push(...(await commitFlaws(backup, remote, io)))
  return { digest: backup.digest, bytes: reader.bytes(), flaws, sums: reader.sums }
}

/** An archive, and every list of checksums that stands beside it. One without a record gets its digest here. */
async function archiveAgain(backup: Verified, io: Io, reader: Reader): Promise<Read> {
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
    flaws.push(...(await partFlaws(backup, part, io.root, reader)))
    if (flaws.length > 0) continue
    const sha256 = reader.sums.get(part.path) ?? part.sha256
    if (found) digest = sha256
    for (const list of [`${file}.sha256`, join(dirname(file), 'SHA256SUMS')]) {
      const said = await listedIn(list, name, backup.kind === 'bundle' || list.endsWith('.sha256'))
      if (said === null || said === sha256) continue
      const why = said.length === 64 ? `${name} is not what ${basename(list)} says` : said
      flaws.push({ part: found ? '*' : part.path, why })
    }
  }
  return {
    digest,
    bytes: reader.bytes(),
    sums: reader.sums,
    flaws: found ? flaws.map(({ why }) => ({ part: '*', why })) : flaws,
  }
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

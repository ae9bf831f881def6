import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { BACKUP_REFS } from '../core/paths.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import type { PointerRecord } from '../core/backup.ts'
import { appendHashed, proofsOf } from '../records/proofs.ts'
import { quickPath, writeQuick } from '../records/quick.ts'
import { addBackup } from '../records/session.ts'
import { readText } from '../world/files.ts'
import { openGit } from '../world/git.ts'
import { readRemoteRef } from '../world/git-remote.ts'
import { sha256File } from '../archive/checksum.ts'
import { holdCommit, subjectOf } from './hold-commit.ts'

/** `session` names whose sitting this backup belongs to; null for the one an operation makes for itself. */
export type QuickInput = {
  dir: string
  record: PointerRecord
  remote: string | null
  session: { operator: string; host: string } | null
}

/** A commit pointer: the commit held here and on the remote, then its record, then the proof that both are whole. */
export const backupQuickCalls = {
  'backup.quick': async (input: QuickInput, io: Io) => {
    const { remote, dir } = input
    const commit = input.record.commitHash
    await holdCommit(io, input.record.id, commit, remote)
    const record = { ...input.record, commitMessage: await subjectOf(io, commit, input.record.commitMessage) }
    const written = await writeQuick(io.root, dir, record)
    // Another was made in the same millisecond: the reference held so far is that one's.
    if (written.id !== record.id) await holdCommit(io, written.id, commit, remote)
    const digest = await sha256File(join(io.root, written.path))
    await appendHashed(io.root, written.id, digest)
    if (input.session !== null) await addBackup(io.root, written.id, input.session)
    const { size } = await stat(join(io.root, written.path))
    return { id: written.id, commit, path: written.path, at: record.timestamp, bytes: size }
  },

  'backup.quick.probe': async ({ dir, record, remote }: QuickInput, io: Io) => {
    const path = quickPath(dir, record.id)
    const text = await readText(join(io.root, path))
    const there =
      remote === null ? record.commitHash : await readRemoteRef(openGit(io.root), remote, `${BACKUP_REFS}/${record.id}`)
    const proven = (await proofsOf(io.root, record.id)).length > 0
    const done = text !== null && there === record.commitHash && proven
    // Every part of making it is safe to do again, so half of it counts as nothing.
    const bytes = text === null ? null : Buffer.byteLength(text)
    const gives = { id: record.id, commit: record.commitHash, path, at: record.timestamp, bytes }
    return { state: done ? 'done' : 'absent', saw: { record: text !== null, there, proven }, gives }
  },
} satisfies CallRegistry

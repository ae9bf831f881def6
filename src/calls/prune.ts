import type { BackupKind, ListedBackup } from '../core/backup.ts'
import { BACKUP_REFS } from '../core/paths.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import type { Backups } from '../core/project.ts'
import { retention } from '../core/retention.ts'
import { listBackups } from '../records/catalog.ts'
import { removeBackup } from '../records/remove-backup.ts'
import { now } from '../world/clock.ts'
import { openGit } from '../world/git.ts'
import { pushAtomic } from '../world/git-push.ts'
import { deleteRef, readRef } from '../world/git-refs.ts'
import { readRemoteRefs } from '../world/git-remote.ts'

/** `backups` says where each kind lies; `guard` names commits whose newest backup of the kind stays, and why ("what is live"). */
export type PruneInput = {
  kind: BackupKind
  keep: number | null
  backups: Backups
  guard: { commit: string; why: string }[]
  remote: string | null
}

/** Retention after a success: what is older than the kept ones goes, with the ref that held its commit. */
export const pruneCalls = {
  'prune.kind': async (input: PruneInput, io: Io) => {
    const { kind, keep, backups } = input
    const listed = await listBackups(io.root, { backups })
    const rows = retention(listed, kind, keep, now(), guarded(listed, input))
    const gone: ListedBackup[] = []
    for (const { backup } of rows.filter((row) => !row.keep)) {
      io.signal.throwIfAborted()
      await removeBackup(io.root, backup)
      io.line(`removed ${backup.path}`)
      gone.push(backup)
    }
    if (kind === 'quick') await dropRefs(io, input.remote, gone)
    return { removed: gone.map((backup) => backup.path) }
  },
} satisfies CallRegistry

function guarded(listed: readonly ListedBackup[], { kind, guard }: PruneInput): Map<string, string> {
  const found = guard.flatMap(({ commit, why }) => {
    const backup = listed.find((one) => one.kind === kind && one.state === 'ok' && one.commit === commit)
    return backup ? [[backup.id, why] as const] : []
  })
  return new Map(found)
}

/** Lets go of the commits, here and on the remote; a ref somebody moved meanwhile is not ours any more. */
async function dropRefs(io: Io, remote: string | null, gone: readonly ListedBackup[]): Promise<void> {
  const git = openGit(io.root)
  const refs = gone.map((backup) => ({ ref: `${BACKUP_REFS}/${backup.id}`, commit: backup.commit }))
  for (const { ref, commit } of refs) {
    if (commit !== null && (await readRef(git, ref)) === commit) await deleteRef(git, ref, commit)
  }
  if (remote === null || refs.length === 0) return
  const names = refs.map(({ ref }) => ref)
  const there = await readRemoteRefs(git, remote, names, { signal: io.signal })
  const updates = refs.flatMap(({ ref, commit }) =>
    commit !== null && there.get(ref) === commit ? [{ src: null, dst: ref, expect: commit }] : [],
  )
  if (updates.length > 0) await pushAtomic(git, remote, updates, { signal: io.signal })
}

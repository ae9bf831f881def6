import type { BackupKind, ListedBackup } from '../core/backup.ts'
import { StepFailed } from '../core/failure.ts'
import { BACKUP_REFS } from '../core/paths.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import type { Backups } from '../core/project.ts'
import type { Guard } from '../core/retention.ts'
import { guardedBy, retention } from '../core/retention.ts'
import { listBackups } from '../records/catalog.ts'
import { unlessInUse } from '../records/in-use.ts'
import { finishRemovals, removeBackup } from '../records/remove-backup.ts'
import { now } from '../world/clock.ts'
import { openGit } from '../world/git.ts'
import { pushAtomic } from '../world/git-push.ts'
import { deleteRef, readRef } from '../world/git-refs.ts'
import { readRemoteRefs } from '../world/git-remote.ts'

/** `backups` says where each kind lies; `guard` what stays besides the newest; `only` the ids that were reviewed, null for all. */
export type PruneInput = {
  kind: BackupKind
  keep: number | null
  backups: Backups
  guard: Guard[]
  remote: string | null
  only: string[] | null
}

/** `id` and `digest` as they were reviewed; `others`: it may be one that somebody else made. */
export type DeleteInput = {
  id: string
  path: string
  digest: string
  backups: Backups
  remote: string | null
  others: boolean
}

/** Retention, and the removal of one backup: what goes is gone with its record, its exports and the ref that held its commit. */
export const pruneCalls = {
  'prune.kind': async (input: PruneInput, io: Io) => {
    const { kind, keep, backups, only } = input
    await finishRemovals(io.root)
    const listed = await listBackups(io.root, { backups })
    const rows = retention(listed, kind, keep, now(), guardedBy(listed, kind, input.guard))
    const gone: ListedBackup[] = []
    const removed: string[] = []
    for (const { backup } of rows.filter((row) => !row.keep && (only === null || only.includes(row.backup.id)))) {
      io.signal.throwIfAborted()
      const user = await unlessInUse(io.root, backup.id, async () => {
        removed.push(...(await removeBackup(io.root, backup)))
      })
      if (user !== null) {
        io.line(`kept ${backup.path}: ${user} is using it`)
        continue
      }
      io.line(`removed ${backup.path}`)
      gone.push(backup)
    }
    await dropRefs(io, input.remote, gone)
    return { removed }
  },

  'backup.delete': async (input: DeleteInput, io: Io) => {
    await finishRemovals(io.root)
    const listed = await listBackups(io.root, input)
    const backup = listed.find((one) => one.id === input.id && one.path === input.path)
    if (backup === undefined) return { removed: [] }
    if (backup.digest !== input.digest)
      throw new StepFailed('delete', `${backup.path} has changed since it was reviewed`)
    const removed: string[] = []
    const user = await unlessInUse(io.root, backup.id, async () => {
      removed.push(...(await removeBackup(io.root, backup, { others: input.others })))
    })
    if (user !== null) throw new StepFailed('delete', `${backup.path} is being used by ${user}`)
    await dropRefs(io, input.remote, [backup])
    return { removed }
  },

  'backup.deleted': async (input: DeleteInput, io: Io) => {
    const listed = await listBackups(io.root, input)
    const there = listed.some((one) => one.id === input.id && one.path === input.path)
    return there
      ? { state: 'absent', saw: { path: input.path } }
      : { state: 'done', saw: null, gives: { removed: [input.path] } }
  },
} satisfies CallRegistry

/** Kinds whose commit a reference holds. */
const HOLD: ReadonlySet<BackupKind> = new Set(['quick', 'full', 'release', 'set', 'baseline'])

/** Lets go of the commits, here and on the remote; a ref somebody moved meanwhile is not ours any more. */
async function dropRefs(io: Io, remote: string | null, gone: readonly ListedBackup[]): Promise<void> {
  const git = openGit(io.root)
  const refs = gone
    .filter(({ kind }) => HOLD.has(kind))
    .map((backup) => ({ ref: `${BACKUP_REFS}/${backup.id}`, commit: backup.commit }))
  for (const { ref, commit } of refs)
    if (commit !== null && (await readRef(git, ref)) === commit) await deleteRef(git, ref, commit)
  if (remote === null || refs.length === 0) return
  const names = refs.map(({ ref }) => ref)
  const there = await readRemoteRefs(git, remote, names, { signal: io.signal })
  const updates = refs.flatMap(({ ref, commit }) =>
    commit !== null && there.get(ref) === commit ? [{ src: null, dst: ref, expect: commit }] : [],
  )
  if (updates.length > 0) await pushAtomic(git, remote, updates, { signal: io.signal })
}

import type { ListedBackup } from '../core/backup.ts'
import type { Project } from '../core/project.ts'
import { listBackups } from '../records/catalog.ts'
import { withoutConfirmed } from '../records/confirmed.ts'
import type { Git } from '../world/git.ts'

/** Every backup; one whose commit this clone no longer has is called missing, for it returns to nothing. */
export async function observeBackups(git: Git, project: Project): Promise<ListedBackup[]> {
  const backups = await withoutConfirmed(project.root, await listBackups(project.root, project))
  const commits = [...new Set(backups.flatMap((backup) => (backup.commit === null ? [] : [backup.commit])))]
  const gone = await missing(git, commits)
  if (gone.size === 0) return backups
  return backups.map((backup) =>
    backup.state === 'ok' && backup.commit !== null && gone.has(backup.commit)
      ? { ...backup, state: 'missing', because: `commit ${backup.commit.slice(0, 7)} is not in this clone` }
      : backup,
  )
}

async function missing(git: Git, commits: readonly string[]): Promise<Set<string>> {
  const ids = commits.filter((commit) => /^[0-9a-f]{7,64}$/.test(commit))
  if (ids.length === 0) return new Set()
  const input = ids.map((id) => `${id}\n`).join('')
  const lines = (await git.raw(['cat-file', '--batch-check=%(objecttype)'], { input })).split('\n')
  // A tag leads to its commit; whatever else goes by that id is nothing to return to.
  return new Set(ids.filter((_, index) => lines[index] !== 'commit' && lines[index] !== 'tag'))
}

import type { ListedBackup } from '../core/backup.ts'
import type { Project } from '../core/project.ts'
import { listBackups } from '../records/catalog.ts'
import { withoutConfirmed } from '../records/confirmed.ts'
import type { Sizes } from '../records/reading-cache.ts'
import type { Git } from '../world/git.ts'
import { commitsGone } from './commits-gone.ts'

/** Every backup; one whose commit this clone no longer has is called missing, for it returns to nothing. */
export async function observeBackups(git: Git, project: Project, sizes?: Sizes): Promise<ListedBackup[]> {
  const backups = await withoutConfirmed(project.root, await listBackups(project.root, project, sizes))
  const commits = new Set<string>()
  for (const { commit } of backups) if (commit !== null) commits.add(commit)
  const gone = await commitsGone(git, commits)
  if (gone.size === 0) return backups
  return backups.map((backup) =>
    backup.state === 'ok' && backup.commit !== null && gone.has(backup.commit)
      ? {
          ...backup,
          state: 'missing',
          because: `commit ${backup.commit.slice(0, 7)} is not in this clone`,
          lacksCommit: true,
        }
      : backup,
  )
}

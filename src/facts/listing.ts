import type { ListedBackup } from '../core/backup.ts'
import type { GitFacts } from '../core/facts.ts'
import type { Known } from '../core/known.ts'
import type { Project } from '../core/project.ts'
import { now } from '../world/clock.ts'
import { openGit } from '../world/git.ts'
import { attempt } from './attempt.ts'
import { observeBackups } from './backups.ts'
import { namesOf } from './early.ts'
import { observeRefs } from './git.ts'
import { openMemory } from './memory.ts'

/** What a list of backups is made of: the backups, and the releases that going back to one would undo. */
export type Listing = {
  git: Known<Pick<GitFacts, 'remoteBranch' | 'current' | 'tags'>>
  backups: Known<ListedBackup[]>
}

/** The same as the facts say, without a look at anything else. */
export async function observeListing(project: Project): Promise<Listing> {
  const git = openGit(project.root)
  const at = now().toISOString()
  const refs = namesOf(git, project)
  // Whoever asks for them is told of a failure.
  refs.catch(() => undefined)
  const look = async () => {
    const memory = openMemory(project.root)
    const { standing } = await observeRefs(git, project, { refs, memory })
    await (await memory).save()
    return standing
  }
  const [backups, standing] = await Promise.all([
    attempt(() => observeBackups(git, project), `Look at ${project.backups.prod.dir}`, at),
    attempt(look, 'Look at it: git status', at),
  ])
  return { git: standing, backups }
}

import { join } from 'node:path'
import type { Facts } from '../core/facts.ts'
import { valueOr } from '../core/known.ts'
import type { Project } from '../core/project.ts'
import { nextTag, releaseTags } from '../core/release.ts'
import type { Decided } from './decided.ts'

/** The tag this release gets: free among the tags known here, and among the archives that bear tags' names. */
export function tagFor(project: Project, facts: Facts, decided: Decided): string {
  const tags = facts.git.ok ? facts.git.value.tags.map((tag) => tag.name) : []
  const archives = valueOr(facts.backups, []).map((backup) => backup.id)
  return nextTag(project.git.tag, new Date(decided.now), new Set([...tags, ...archives]))
}

/** The release tag that is current, which a failed deploy would go back to; null before the first. */
export function currentTag(facts: Facts): string | null {
  if (!facts.git.ok) return null
  const git = facts.git.value
  const tags = releaseTags(git)
  return (tags.find((tag) => tag.commit === git.current) ?? tags[0])?.name ?? null
}

/** Where a run's artefact waits until it is certified, relative to the root. */
export function stagedPath(project: Project, run: string): string {
  // A run's id starts with its operation: deploy-20251121_120711Z-a1b2.
  return join(project.backups.prod.dir, `${run}.zip`)
}

/** Where the artefact of a certified release is kept, relative to the root: the tag's name. */
export function archivePath(project: Project, tag: string): string {
  return join(project.backups.prod.dir, `${tag.replaceAll('/', '-')}.zip`)
}

import { LOCK_REF } from '../core/paths.ts'
import type { Project } from '../core/project.ts'
import type { Git } from '../world/git.ts'
import { readRefNames } from '../world/git-refs.ts'
import type { NamedRef } from '../world/git-refs.ts'
import { readStatus } from '../world/git-status.ts'
import type { TreeStatus } from '../world/git-status.ts'
import { readLive } from './live-page.ts'
import type { Page } from './live-page.ts'
import { askRemote } from './remote.ts'
import type { RemoteAnswer } from './remote.ts'

/** What is asked of others and takes longest, under way before anybody waits for it. */
export type Early = {
  refs: Promise<NamedRef[]>
  status: Promise<TreeStatus>
  /** Null: not asked. */
  remote: Promise<RemoteAnswer | null> | null
  page: Promise<Page> | null
}

type Wants = { remote: boolean; live: boolean; signal?: AbortSignal | undefined }

/** Begins to look; a failure is told to whoever awaits the part that failed. */
export function startLooking(git: Git, project: Project, { remote, live, signal }: Wants): Early {
  const refs = namesOf(git, project)
  const there = remote ? askRemote(git, project, refs, signal) : null
  const status = readStatus(git, ownFolders(project))
  const page = live ? readLive(project, signal) : null
  for (const part of [refs, status, there, page]) part?.catch(() => undefined)
  return { refs, status, remote: there, page }
}

/** Every ref that the facts are made of. */
export function namesOf(git: Git, { git: { remote, branch, current } }: Project): Promise<NamedRef[]> {
  const heads = [branch, current].flatMap((name) => [`refs/heads/${name}`, `refs/remotes/${remote}/${name}`])
  return readRefNames(git, [...heads, LOCK_REF, 'refs/tags', 'refs/replace'])
}

function ownFolders({ logs, evidence, backups }: Project): string[] {
  return [logs.dir, evidence.dir, backups.quick.dir, backups.prod.dir]
}

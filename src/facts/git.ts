import type { Commit, GitFacts, TagFact } from '../core/facts.ts'
import { countMigrations, MIGRATION_PATHS } from '../core/migrations.ts'
import { LOCK_REF } from '../core/paths.ts'
import type { Project } from '../core/project.ts'
import { isShallow } from '../sources/git.ts'
import type { Git } from '../world/git.ts'
import { lockOf } from '../world/git-lock.ts'
import type { SharedLock } from '../world/git-lock.ts'
import { addedBetween, countApart } from '../world/git-history.ts'
import { readRefs } from '../world/git-refs.ts'
import type { RefFact } from '../world/git-refs.ts'
import { remoteUrl, writtenRemoteUrl } from '../world/git-remote.ts'
import { readStatus } from '../world/git-status.ts'

/** The lock comes with the refs: it is the remote's as it was last asked. */
export type SeenGit = { facts: GitFacts; lock: SharedLock | null }

/** The repository as it stands, by three git commands side by side and after them what lies between those that differ. */
export async function observeGit(git: Git, project: Project): Promise<SeenGit> {
  const { remote, branch, current } = project.git
  const names = {
    next: `refs/heads/${branch}`,
    remoteBranch: `refs/remotes/${remote}/${branch}`,
    current: `refs/heads/${current}`,
    remoteCurrent: `refs/remotes/${remote}/${current}`,
  }
  const [refs, status, url, shallow] = await Promise.all([
    readRefs(git, [...Object.values(names), LOCK_REF, 'refs/tags']),
    readStatus(git, [project.logs.dir, project.evidence.dir, project.backups.quick.dir, project.backups.prod.dir]),
    writtenRemoteUrl(git.root, remote).then((written) => written ?? remoteUrl(git, remote)),
    isShallow(git.root),
  ])
  const at = (ref: string) => refs.find((found) => found.ref === ref)
  const next = at(names.next)
  const remoteBranch = at(names.remoteBranch)?.oid ?? null
  // Where there is a remote it is the remote's that counts: a local one may be anybody's leftover.
  const here = (at(names.remoteCurrent) ?? (url === null ? at(names.current) : undefined))?.oid ?? null
  const [fromLive, added, fromRemote] = await Promise.all([
    apart(git, here, next?.oid ?? null),
    addedMigrations(git, here, next?.oid ?? null),
    remoteBranch === here ? null : apart(git, remoteBranch, next?.oid ?? null),
  ])
  const behind = (remoteBranch === here ? fromLive : fromRemote)?.left
  const ahead = fromLive?.left === 0 ? fromLive.right : null
  const lock = at(LOCK_REF)
  const facts: GitFacts = {
    branch,
    checkedOut: status.branch,
    remote: url === null ? null : { name: remote, url },
    next: next === undefined ? null : commitOf(next),
    remoteBranch,
    current: here,
    tags: refs
      .flatMap(tagOf)
      .toSorted((a, b) => b.at.localeCompare(a.at) || b.name.localeCompare(a.name, 'en', { numeric: true })),
    ahead,
    migrations: ahead === null || ahead === 0 ? null : added,
    fastForward: remoteBranch === null || behind === 0,
    dirty: status.dirty,
    shallow,
  }
  return { facts, lock: lock === undefined ? null : lockOf(lock.oid, lock.message) }
}

async function addedMigrations(git: Git, from: string | null, to: string | null): Promise<number | null> {
  if (from === null || to === null || from === to) return null
  return countMigrations(await addedBetween(git, from, to, MIGRATION_PATHS))
}

async function apart(git: Git, from: string | null, to: string | null) {
  return from === null || to === null ? null : countApart(git, from, to)
}

function commitOf(ref: RefFact): Commit {
  return { oid: ref.oid, subject: ref.subject, at: utc(ref.at), author: ref.by }
}

function tagOf(ref: RefFact): TagFact[] {
  if (!ref.ref.startsWith('refs/tags/') || ref.commit === null) return []
  const name = ref.ref.slice('refs/tags/'.length)
  const { oid, commit, by, message, subject } = ref
  return [{ name, oid, commit, at: utc(ref.at), tagger: by, message, subject }]
}

function utc(at: string): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? at : date.toISOString()
}

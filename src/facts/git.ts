import type { Commit, GitFacts, TagFact } from '../core/facts.ts'
import { countMigrations, MIGRATION_PATHS } from '../core/migrations.ts'
import { LOCK_REF } from '../core/paths.ts'
import type { Project } from '../core/project.ts'
import { tagPattern } from '../core/release.ts'
import type { Git } from '../world/git.ts'
import { lockOf } from '../world/git-lock.ts'
import type { SharedLock } from '../world/git-lock.ts'
import { addedBetween, countApart } from '../world/git-history.ts'
import { readRefs } from '../world/git-refs.ts'
import type { NamedRef, RefFact } from '../world/git-refs.ts'
import { anyRemoteUrl } from '../world/git-remote.ts'
import { isShallow } from '../world/git-shallow.ts'
import type { TreeStatus } from '../world/git-status.ts'
import { noMemory } from './memory.ts'
import type { Memory } from './memory.ts'

/** The lock comes with the refs: it is the remote's as it was last asked. */
export type SeenGit = { facts: GitFacts; lock: SharedLock | null }

/** The refs and the status of the tree as they were read, and what is known of objects already. */
type Seeing = { refs: Promise<readonly NamedRef[]>; status: Promise<TreeStatus>; memory: Promise<Memory> }

/** The repository as it stands; git is asked only about objects that were never seen before. */
export async function observeGit(git: Git, project: Project, seeing: Seeing): Promise<SeenGit> {
  const { branch } = project.git
  const [{ at, url, memory, standing }, status, shallow] = await Promise.all([
    observeRefs(git, project, seeing),
    seeing.status,
    isShallow(git.root),
  ])
  const { remoteBranch, current: here, tags } = standing
  const next = at(`refs/heads/${branch}`)
  const [fromLive, added, fromRemote] = await Promise.all([
    apart(git, here, next?.oid ?? null, memory),
    addedMigrations(git, here, next?.oid ?? null, memory),
    remoteBranch === here ? null : apart(git, remoteBranch, next?.oid ?? null, memory),
  ])
  const behind = (remoteBranch === here ? fromLive : fromRemote)?.left
  const ahead = fromLive?.left === 0 ? fromLive.right : null
  const lock = at(LOCK_REF)
  const facts: GitFacts = {
    branch,
    checkedOut: status.branch,
    remote: url === null ? null : { name: project.git.remote, url },
    next: next === undefined ? null : commitOf(next),
    remoteBranch,
    current: here,
    tags,
    ahead,
    migrations: ahead === null || ahead === 0 ? null : added,
    fastForward: remoteBranch === null || behind === 0,
    dirty: status.dirty,
    shallow,
  }
  return { facts, lock: lock === undefined ? null : lockOf(lock.oid, lock.message) }
}

/** Refs with what stands behind them. `memory` is the one to use: none where refs replace objects. */
type SeenRefs = {
  at(ref: string): RefFact | undefined
  url: string | null
  memory: Memory
  standing: Pick<GitFacts, 'remoteBranch' | 'current' | 'tags'>
}

/** Where branches and tags stand, without a look at the tree. */
export async function observeRefs(
  git: Git,
  project: Project,
  seeing: Pick<Seeing, 'refs' | 'memory'>,
): Promise<SeenRefs> {
  const { remote, branch, current } = project.git
  const [named, url, remembered] = await Promise.all([seeing.refs, anyRemoteUrl(git, remote), seeing.memory])
  const memory = named.some(({ ref }) => ref.startsWith('refs/replace/')) ? noMemory() : remembered
  const refs = await described(git, named, memory)
  const byName = new Map(refs.map((ref) => [ref.ref, ref]))
  const at = (ref: string) => byName.get(ref)
  const remoteBranch = at(`refs/remotes/${remote}/${branch}`)?.oid ?? null
  // Where there is a remote it is the remote's that counts: a local one may be anybody's leftover.
  const local = url === null ? at(`refs/heads/${current}`) : undefined
  const here = (at(`refs/remotes/${remote}/${current}`) ?? local)?.oid ?? null
  const release = tagPattern(project.git.tag)
  const tags = refs.flatMap((ref) => tagOf(ref, release)).toSorted(byNewest)
  return { at, url, memory, standing: { remoteBranch, current: here, tags } }
}

/** More refs than these are not named one by one. */
const FEW = 50

/** What stands behind the names: said before, or by one git command now. */
async function described(git: Git, named: readonly NamedRef[], memory: Memory): Promise<RefFact[]> {
  type Told = Omit<RefFact, 'ref' | 'oid'>
  const wanted = named.filter(({ ref }) => !ref.startsWith('refs/replace/'))
  const known = wanted.map(({ ref, oid }) => ({ ref, oid, told: memory.get(`ref ${oid}`) as Told | undefined }))
  const missing = known.filter(({ told }) => told === undefined).map(({ ref }) => ref)
  if (missing.length === 0) return known.flatMap(({ ref, oid, told }) => (told ? [{ ref, oid, ...told }] : []))
  const read = await readRefs(
    git,
    missing.length > FEW
      ? wanted
          .map(({ ref }) => ref)
          .filter(notTag)
          .concat('refs/tags')
      : missing,
  )
  for (const { ref: _, oid, ...told } of read) memory.set(`ref ${oid}`, told)
  const fresh = new Map(read.map((ref) => [ref.ref, ref]))
  return known.flatMap(({ ref, oid, told }) => fresh.get(ref) ?? (told ? [{ ref, oid, ...told }] : []))
}

const notTag = (ref: string): boolean => !ref.startsWith('refs/tags/')

async function addedMigrations(
  git: Git,
  from: string | null,
  to: string | null,
  memory: Memory,
): Promise<number | null> {
  if (from === null || to === null || from === to) return null
  const count = async () => countMigrations(await addedBetween(git, from, to, MIGRATION_PATHS))
  return memory.of(`migrations ${from} ${to}`, count)
}

async function apart(git: Git, from: string | null, to: string | null, memory: Memory) {
  if (from === null || to === null) return null
  return memory.of(`apart ${from} ${to}`, () => countApart(git, from, to))
}

function commitOf(ref: RefFact): Commit {
  return { oid: ref.oid, subject: ref.subject, at: utc(ref.at), author: ref.by }
}

function tagOf(ref: RefFact, release: RegExp): TagFact[] {
  if (!ref.ref.startsWith('refs/tags/') || ref.commit === null) return []
  const name = ref.ref.slice('refs/tags/'.length)
  const { oid, commit, by, message, subject } = ref
  return [{ name, oid, commit, at: utc(ref.at), tagger: by, message, subject, release: release.test(name) }]
}

function byNewest(a: TagFact, b: TagFact): number {
  if (a.at !== b.at) return a.at < b.at ? 1 : -1
  return b.name.localeCompare(a.name, 'en', { numeric: true })
}

function utc(at: string): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? at : date.toISOString()
}

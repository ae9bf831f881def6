import type { Facts, GitFacts } from '../core/facts.ts'
import { UserError } from '../core/failure.ts'
import { deployHolds } from '../core/holds.ts'
import { known, unknown, valueOr } from '../core/known.ts'
import type { Known } from '../core/known.ts'
import { unborn } from '../core/unborn.ts'
import { recordsVariable, type Project } from '../core/project.ts'
import { readGate } from '../records/gate.ts'
import { readLogs } from '../records/log-index.ts'
import type { Sizes } from '../records/reading-cache.ts'
import { readReleases } from '../records/releases.ts'
import { currentSession } from '../records/session.ts'
import { now } from '../world/clock.ts'
import { openGit } from '../world/git.ts'
import type { Git } from '../world/git.ts'
import { host, operatorOf } from '../world/identity.ts'
import { attempt } from './attempt.ts'
import { observeBackups } from './backups.ts'
import { observeDisk } from './disk.ts'
import { observeDrills } from './drills.ts'
import { drift } from './drift.ts'
import { namesOf, startLooking } from './early.ts'
import { observeGit } from './git.ts'
import type { SeenGit } from './git.ts'
import { history } from './history.ts'
import { matchLive } from './live.ts'
import { observeLocalLock, observeSharedLock } from './lock.ts'
import type { FactsPart, ObserveOptions } from './options.ts'
import { observeMirrors } from './mirrors.ts'
import { openMemory } from './memory.ts'
import type { Memory } from './memory.ts'
import { migrationsAt } from './migrations.ts'
import { observeRuns } from './runs.ts'
import { observeSources } from './sources.ts'

const RELEASES_READ = 1000
/** Tags and backups whose migrations are compared. */
const MOST = 100

/**
 * What is so right now, all parts looked at side by side; one that cannot be known says why and keeps nothing else
 * waiting. Changes nothing but caches and, when the remote is asked, what git keeps of it.
 */
export async function observe(project: Project, options: ObserveOptions = {}): Promise<Facts> {
  const { root } = project
  const repository = openGit(root)
  const moment = now()
  const at = moment.toISOString()
  const wanted = (part: FactsPart) => options.only === undefined || options.only.includes(part)
  const told = async <T>(part: FactsPart, value: Promise<T>): Promise<T> => {
    const seen = await value
    options.onPart?.(part, seen)
    return seen
  }
  const { keep } = options
  const look = <T>(part: FactsPart, work: () => Promise<T>, fix: string, kept?: Known<T>): Promise<Known<T>> =>
    wanted(part) ? told(part, attempt(work, fix, at)) : Promise.resolve(kept ?? notAsked<T>(at))

  const asking = { remote: options.remote === true, live: wanted('live') && options.live !== false }
  const early = options.early ?? startLooking(repository, project, { ...asking, signal: options.signal })
  const remote = asking.remote ? early.remote : null
  const live = asking.live ? early.page : null
  let opened: Promise<Memory> | undefined
  const memory = (): Promise<Memory> => (opened ??= openMemory(root))
  const seeGit = async (): Promise<SeenGit> => {
    const answer = await remote
    const moved = answer?.ok === true && answer.fetched
    if (keep?.git.ok && !moved) return { facts: keep.git.value, lock: null }
    return observeGit(repository, project, {
      refs: moved ? namesOf(repository, project) : early.refs,
      status: early.status,
      memory: memory(),
    })
  }
  const seen = attempt(seeGit, 'Look at it: git status', at)
  const git = told('git', seen.then(factsOf))

  const logs = look('logs', () => readLogs(root, project.logs.dir), `Look at ${project.logs.dir}`, keep?.logs)
  const releases = look(
    'releases',
    () => readReleases({ root, url: project.records.url, signal: options.signal }, RELEASES_READ),
    lookAtRecords(project.records.url),
    keep?.releases,
  )
  const who = options.operator ?? operatorOf(root)
  const seeSession = async () => {
    await options.session
    return currentSession(root, moment)
  }
  const runs = look('runs', () => observeRuns(root), 'Look at .knowngood/runs', keep?.runs)
  const sizes: Sizes = new Map()
  const kept = look(
    'backups',
    () => observeBackups(repository, project, sizes),
    `Look at ${project.backups.prod.dir}`,
    keep?.backups,
  )
  const parts = await Promise.all([
    git,
    kept,
    wanted('sources') || keep !== undefined ? returnable(repository, git, kept, memory, keep) : {},
    look('gate', async () => readGate(project, nextOf(await git), moment), 'Look at .knowngood/gate', keep?.gate),
    logs,
    releases,
    wanted('sources') ? told('sources', observeSources(project, options.signal)) : (keep?.sources ?? []),
    look('lock', () => observeLocalLock(root), 'Look at .knowngood/lock', keep?.lock.local),
    told('shared lock', observeSharedLock(seen, remote, at)),
    runs,
    look('session', seeSession, 'Open one: knowngood kickoff', keep?.session),
    look(
      'disk',
      async () => observeDisk(project, (await kept).ok ? sizes : undefined),
      'Look at the volume: df -h .',
      keep?.disk,
    ),
    live === null
      ? (keep?.live ?? notAsked<never>(at))
      : told('live', matchLive(repository, project, live, git, releases, at)),
    wanted('releases') || wanted('logs') || keep !== undefined ? drift.certified(root) : [],
    keep?.drills ?? observeDrills(project).catch(() => []),
  ])
  const [
    gitSeen,
    backups,
    migrations,
    gate,
    logsSeen,
    releasesSeen,
    sources,
    local,
    shared,
    runsSeen,
    session,
    disk,
    liveSeen,
    certified,
    drillsSeen,
  ] = parts
  const [asked] = await Promise.all([remote, opened?.then((kept) => kept.save())])
  const movedTags = asked?.ok === true ? asked.movedTags : []
  const facts: Omit<Facts, 'deployHolds' | 'deployWarnings'> = {
    at,
    operator: await who,
    host: host(),
    git: gitSeen,
    live: liveSeen,
    backups,
    gate,
    logs: logsSeen,
    releases: releasesSeen,
    sources,
    lock: { local, shared },
    runs: runsSeen,
    session,
    disk,
    mirrors:
      keep?.backups === backups ? keep.mirrors : await observeMirrors(project, valueOr(backups, [])).catch(() => []),
    drills: drillsSeen,
    history: historyOf({ git: gitSeen, logs: logsSeen, releases: releasesSeen, runs: runsSeen }, keep),
    migrations,
    drift: drift.sentences(project, { git: gitSeen, live: liveSeen, releases: releasesSeen }, certified, movedTags),
  }
  const { holds, warnings } = deployHolds(project, facts)
  return { ...facts, deployHolds: holds, deployWarnings: warnings }
}

function lookAtRecords(url: string): string {
  return recordsVariable(url) === null ? `Look at ${url}` : `Look at it: psql "${url}" -c 'select 1'`
}

/** What was put together a moment ago from the very same facts is not put together again. */
function historyOf(seen: Pick<Facts, 'git' | 'logs' | 'releases' | 'runs'>, keep: Facts | undefined): Facts['history'] {
  const { git, logs, releases, runs } = seen
  const sameGit = keep?.git.ok && git.ok && keep.git.value === git.value
  if (sameGit && keep.logs === logs && keep.releases === releases && keep.runs === runs) return keep.history
  return history(seen)
}

/** Commits that somebody may want to go back to, newest first, and their migrations; nothing where git cannot say. */
async function returnable(
  git: Git,
  asking: Promise<Known<GitFacts>>,
  listing: Promise<Facts['backups']>,
  remember: () => Promise<Memory>,
  keep: Facts | undefined,
): Promise<Facts['migrations']> {
  const [seen, backups] = await Promise.all([asking, listing])
  if (!seen.ok) return {}
  if (keep?.git.ok && keep.git.value === seen.value && keep.backups === backups) return keep.migrations
  const { current, remoteBranch, tags } = seen.value
  const kept = valueOr(backups, []).flatMap(({ commit }) => (commit === null ? [] : [commit]))
  const commits = [current, remoteBranch, ...tags.slice(0, MOST).map((tag) => tag.commit), ...kept.slice(0, MOST)]
  return migrationsAt(
    git,
    commits.filter((oid) => oid !== null),
    await remember(),
  ).catch(() => ({}))
}

function notAsked<T>(at: string): Known<T> {
  return unknown('it was not looked up', 'knowngood status', at)
}

function factsOf(seen: Known<SeenGit>): Known<GitFacts> {
  return seen.ok ? known(seen.value.facts, seen.at) : unknown(seen.because, seen.fix, seen.at)
}

function nextOf(git: Known<GitFacts>): string {
  if (!git.ok) throw new Error(git.because)
  if (git.value.next !== null) return git.value.next.oid
  const { why, fix } = unborn(git.value)
  throw new UserError(why, '', [fix])
}

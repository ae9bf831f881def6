import type { ListedBackup } from './backup.ts'
import type { Facts, GitFacts, LockHolder, RunSummary } from './facts.ts'
import type { Known } from './known.ts'
import type { Hold } from './plan.ts'
import type { Project } from './project.ts'
import { minute, stretch } from './age.ts'
import { compareRungs } from './proof.ts'
import { shellWord } from './shell.ts'
import { clean } from './text.ts'
import { unborn } from './unborn.ts'

export type Observed = Omit<Facts, 'deployHolds' | 'deployWarnings'>
export type Verdict = { holds: Hold[]; warnings: string[] }

/** A release that cannot be proven live is not begun. */
export const noChecks: Hold = {
  id: 'no-checks',
  why: 'nothing says how production is proven',
  fix: 'add a url or a run to verify.checks in knowngood.yaml',
}

/** Nothing says which commit production serves; where there is none at all, no fetch brings one. */
export function nothingLive(facts: Pick<Facts, 'git'>): Hold {
  const empty = facts.git.ok && facts.git.value.next === null ? unborn(facts.git.value).fix : null
  return {
    id: 'nothing-live',
    why: 'no commit is known to be live',
    fix: empty ?? 'git fetch, then look at knowngood status',
  }
}

/** The warning of a backup that holds a commit on this machine alone. */
export function heldHere(facts: Pick<Facts, 'git'>): string[] {
  if (!facts.git.ok || facts.git.value.remote !== null || facts.git.value.next === null) return []
  return ['There is no git remote: the commit is held in this clone only.']
}

/** What keeps a deploy of `git.next` from starting now, and what only deserves a word. Each hold says how to lift it. */
export function deployHolds(project: Project, facts: Observed): Verdict {
  const verdicts = [gitHolds(project, facts), backupHolds(project, facts), gateHolds(facts), busyHolds(facts)]
  const unproven = project.verify.checks.length === 0 ? [noChecks] : []
  return { holds: [...verdicts.flatMap((v) => v.holds), ...unproven], warnings: verdicts.flatMap((v) => v.warnings) }
}

function gitHolds(project: Project, facts: Observed): Verdict {
  if (!facts.git.ok) return { holds: [unknownHold('git', 'the repository', facts.git)], warnings: [] }
  const git = facts.git.value
  const holds: Hold[] = []
  const warnings: string[] = []
  if (git.next === null) {
    holds.push({ id: 'no-commits', ...unborn(git) })
  }
  if (git.shallow) {
    holds.push({
      id: 'shallow',
      why: 'this clone is shallow, so what it returns to may be missing',
      fix: 'git fetch --unshallow',
    })
  }
  if (git.next !== null) holds.push(...branchHolds(project, git, git.next.oid))
  if (git.remote === null)
    warnings.push('There is no git remote: nobody elsewhere sees the lock, the tag or the backup reference.')
  if (git.dirty.length > 0) {
    const files = git.dirty.length === 1 ? '1 uncommitted change is' : `${git.dirty.length} uncommitted changes are`
    warnings.push(`${files} not part of this release: it is built from a clean checkout of the commit.`)
  }
  return { holds, warnings }
}

function branchHolds(project: Project, git: GitFacts, next: string): Hold[] {
  const pushes = project.deploy.targets.some((target) => target.use === 'git-push')
  if (git.remote === null) {
    const why = 'a git-push target is configured and there is no git remote'
    return pushes ? [{ id: 'no-remote', why, fix: `git remote add ${project.git.remote} URL` }] : []
  }
  const upstream = `${git.remote.name}/${git.branch}`
  if (!git.fastForward) {
    return [
      {
        id: 'not-fast-forward',
        why: `${git.branch} does not contain ${upstream}`,
        fix: `git pull ${git.remote.name} ${git.branch}`,
      },
    ]
  }
  if (!pushes && git.remoteBranch !== next) {
    return [
      {
        id: 'not-pushed',
        why: `${next.slice(0, 7)} is not on ${upstream}, and no target pushes it`,
        fix: `git push ${git.remote.name} ${git.branch}`,
      },
    ]
  }
  return []
}

function backupHolds(project: Project, facts: Observed): Verdict {
  const { require } = project.gate
  if (!facts.backups.ok) return { holds: [unknownHold('backup', 'the backups', facts.backups)], warnings: [] }
  const session = facts.session.ok ? facts.session.value : null
  const counts = (backup: ListedBackup) =>
    backup.state === 'ok' &&
    (require.kind === 'any' ? backup.kind !== 'prod' : backup.kind === require.kind) &&
    (!require.thisSession || session?.backups.includes(backup.id) === true)
  const mine = facts.backups.value.filter(counts).toSorted((a, b) => b.at.localeCompare(a.at))
  const kind = require.kind === 'any' ? '' : `${require.kind} `
  const fix = `make one now: knowngood backup ${require.kind === 'any' ? 'quick' : require.kind}`
  const hold = (why: string, mend = fix): Verdict => ({
    holds: [{ id: 'backup', why, fix: mend, key: 'b' }],
    warnings: [],
  })
  const [latest] = mine
  if (latest === undefined) return hold(require.thisSession ? `no ${kind}backup this session` : `no ${kind}backup`)
  const newest = mine.find((backup) => compareRungs(backup.rung, require.proof) >= 0)
  if (newest === undefined) {
    const why = `no ${kind}backup${require.thisSession ? ' of this session' : ''} has been proven (${require.proof})`
    return hold(
      why,
      require.proof === 'hashed' ? fix : `prove it: knowngood verify ${latest.id} --rung ${require.proof}`,
    )
  }
  const old = Date.parse(facts.at) - Date.parse(newest.at)
  if (old <= require.withinMs) return { holds: [], warnings: [] }
  const why = `the backup is ${stretch(old)} old, older than ${stretch(require.withinMs)}`
  return require.late === 'hold' ? hold(why) : { holds: [], warnings: [`${capital(why)}; b makes a new one.`] }
}

function gateHolds(facts: Observed): Verdict {
  const next = facts.git.ok ? facts.git.value.next : null
  if (next === null) return { holds: [], warnings: [] }
  const hold = (why: string): Verdict => ({
    holds: [{ id: 'gate', why, fix: 'run it: knowngood gate', key: 'g' }],
    warnings: [],
  })
  if (!facts.gate.ok) return { holds: [{ ...unknownHold('gate', 'the gate', facts.gate), key: 'g' }], warnings: [] }
  const gate = facts.gate.value
  if (gate.commit !== next.oid) return hold(`the gate is for ${gate.commit.slice(0, 7)}, not ${next.oid.slice(0, 7)}`)
  if (gate.state === 'not run') return hold('gate not run')
  if (gate.state === 'expired') return hold('gate expired')
  if (gate.state === 'failed') return hold(`gate failed: ${titles(gate.items, 'fail')}`)
  if (gate.state === 'open') return hold(`gate open: ${titles(gate.items, 'open')}`)
  const waived = gate.items.filter((item) => item.state === 'waived')
  return {
    holds: [],
    warnings: waived.map((item) => `Waived: ${clean(item.title)} (${clean(item.reason ?? 'no reason kept')}).`),
  }
}

function titles(items: { title: string; state: string; when: string }[], state: string): string {
  const named = items.filter((item) => item.state === state && item.when === 'before').map((item) => clean(item.title))
  return named.length > 2
    ? `${named.slice(0, 2).join(', ')} and ${named.length - 2} more`
    : named.join(', ') || 'see the gate'
}

function busyHolds(facts: Observed): Verdict {
  const holds: Hold[] = []
  const warnings: string[] = []
  const half = halfDone(facts)
  if (half !== undefined) {
    const stopped = half.lastStepTitle === null ? 'stopped half way' : `stopped at ${clean(half.lastStepTitle)}`
    holds.push({
      id: 'unfinished',
      why: `the ${half.op} ${half.id} ${stopped}`,
      fix: `settle it first: knowngood resume ${half.id}`,
      key: 'enter',
    })
  }
  const { local, shared } = facts.lock
  const holder = valueOf(local) ?? valueOf(shared)
  if (holder !== null && holder.run !== half?.id) holds.push(lockHold(holder))
  holds.push(...unreadLock(facts))
  warnings.push(...leftBy(facts))
  return { holds, warnings }
}

const CHANGES_LIVE = new Set<RunSummary['op']>(['deploy', 'rollback', 'restore', 'emergency'])

/** What the last run that changed production has left to do; it is said until another one has left nothing. */
function leftBy({ runs }: Pick<Observed, 'runs'>): string[] {
  const ended = runs.ok ? runs.value.filter(({ op, state }) => CHANGES_LIVE.has(op) && state === 'ended') : []
  const last = ended.find(({ outcome, owed }) => owed.length > 0 || ['done', 'halted', 'stuck'].includes(outcome ?? ''))
  if (last === undefined) return []
  const { op, id, outcome, exit, owed } = last
  return [
    ...(outcome === 'stuck' ? [`The ${op} ${id} could not be put back whole: knowngood resume ${id}.`] : []),
    ...(outcome === 'halted' && exit === 5 ? [`The ${op} ${id} stopped half way; what it did is still there.`] : []),
    ...owed.map((what) => `Still owed by the ${op} ${id}: ${clean(what)}.`),
  ]
}

/** The run that stopped half way and is to be settled first. One that only looked has changed nothing, and holds nobody up. */
export function halfDone({ runs }: Pick<Observed, 'runs'>): RunSummary | undefined {
  const looks = new Set<RunSummary['op']>(['verify', 'verify-live'])
  return runs.ok ? runs.value.find((run) => run.state === 'interrupted' && !looks.has(run.op)) : undefined
}

/** A hold that names who is at work, since when and on which machine. */
export function lockHold(holder: LockHolder): Hold {
  const who = `${clean(holder.operator)}@${clean(holder.host)}`
  const why = `locked by ${who}: ${clean(holder.reason || holder.op)}, since ${minute(holder.at)}`
  return { id: 'locked', why, fix: `wait for ${holder.run}, or ask ${clean(holder.operator)}` }
}

/** Nobody knows whether somebody else is at work: what replaces what is live waits, and nothing is left behind by it. */
export function unreadLock({ git, lock }: Pick<Facts, 'git' | 'lock'>): Hold[] {
  if (lock.shared.ok || !git.ok || git.value.remote === null) return []
  const { name } = git.value.remote
  const why = `the shared lock on ${clean(name)} could not be read: ${clean(lock.shared.because)}`
  return [{ id: 'lock-unread', why, fix: `make it answer again, then try again: git ls-remote ${shellWord(name)}` }]
}

function valueOf(lock: Known<LockHolder | null>): LockHolder | null {
  return lock.ok ? lock.value : null
}

function unknownHold(id: string, what: string, fact: { because: string; fix: string }): Hold {
  return { id, why: `${what} could not be read: ${clean(fact.because)}`, fix: fact.fix }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

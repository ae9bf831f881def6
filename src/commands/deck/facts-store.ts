import type { DeckFacts } from '../../core/deck.ts'
import type { Facts } from '../../core/facts.ts'
import { unknown } from '../../core/known.ts'
import { recordsVariable, type Project } from '../../core/project.ts'
import { startLooking, type Early } from '../../facts/early.ts'
import { observe } from '../../facts/observe.ts'
import { now } from '../../world/clock.ts'
import { openGit } from '../../world/git.ts'

type Listener = () => void

export type FactsStore = ReturnType<typeof makeFactsStore>

/** `early` is what was asked already for the first look, `session` what is being opened for it; `signal` ends every look. */
type How = { early?: Early; session?: Promise<unknown>; signal?: AbortSignal }

/** The facts a dashboard draws: at once what is on disk, then what the remote and the live site say. */
export function makeFactsStore(project: Project, who: { operator: string; host: string }, how: How = {}) {
  const listeners = new Set<Listener>()
  let current: DeckFacts = { facts: unseen(who), checking: new Set(parts) }
  let going: Promise<void> | null = null
  let again: Promise<void> | null = null
  let begun = how.early
  // Records in a database elsewhere are waited for like the remote.
  const far = recordsVariable(project.records.url) !== null
  const waitedFor = far ? [...outside, 'releases'] : outside
  const first = far ? { only: [...parts, 'sources'].filter((part) => !waitedFor.includes(part)) } : {}
  const here = Promise.withResolvers<void>()
  const all = Promise.withResolvers<void>()
  const bounded = {
    ...(how.signal === undefined ? {} : { signal: how.signal }),
    ...(how.session === undefined ? {} : { session: how.session }),
  }
  const set = (facts: Facts, checking: readonly string[]) => {
    current = { facts, checking: new Set(checking) }
    for (const listener of listeners) listener()
  }
  const look = async () => {
    const early = begun ?? startLooking(openGit(project.root), project, { live: true, remote: true, ...bounded })
    begun = undefined
    let answered = false
    void Promise.allSettled([early.remote, early.page]).then(() => (answered = true))
    const local = await observe(project, { live: false, remote: false, early, ...first, ...bounded })
    // A value seen before stays on screen, with its age, until the new one is there.
    const before = current.facts
    const known = far ? { ...local, releases: before.releases } : local
    const seen = before.live.ok
      ? { ...known, live: before.live, lock: { ...local.lock, shared: before.lock.shared } }
      : known
    if (!answered || far) {
      set(seen, waitedFor)
      here.resolve()
    }
    // Only what others may have changed is asked again; the rest was read a moment ago.
    const only = ['gate', ...waitedFor]
    set(await observe(project, { live: true, remote: true, only, keep: local, early, ...bounded }), [])
    here.resolve()
    all.resolve()
  }
  return {
    store: {
      get: () => current,
      subscribe(listener: Listener) {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
    },
    /** Resolves when all that is here was seen for the first time, and others may still be asked. */
    here: here.promise,
    /** Resolves when others have answered too. */
    all: all.promise,
    /** Resolves when no look is going. */
    idle: async (): Promise<void> => going?.catch(() => undefined),
    /** Looks again. Asked for while a look is going, it looks once more after it: what changed meanwhile must be seen. */
    refresh(): Promise<void> {
      if (going === null) {
        going = look().finally(() => {
          going = null
        })
        return going
      }
      again ??= going
        .catch(() => undefined)
        .then(() => {
          again = null
          return this.refresh()
        })
      return again
    },
  }
}

const outside = ['live', 'shared lock']
const parts = ['git', 'backups', 'gate', 'logs', 'releases', 'runs', 'session', 'disk', 'lock', ...outside]

function unseen(who: { operator: string; host: string }): Facts {
  const at = now().toISOString()
  const not = <T>() => unknown<T>('it is being looked up', 'wait a moment', at)
  return {
    at,
    ...who,
    git: not(),
    live: not(),
    backups: not(),
    gate: not(),
    logs: not(),
    releases: not(),
    sources: [],
    migrations: {},
    lock: { local: not(), shared: not() },
    runs: not(),
    session: not(),
    disk: not(),
    mirrors: [],
    drills: [],
    history: [],
    drift: [],
    deployHolds: [],
    deployWarnings: [],
  }
}

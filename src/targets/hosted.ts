import { setTimeout as sleep } from 'node:timers/promises'
import { held, StepFailed } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'
import type { Runs } from './host-cli.ts'

/**
 * A deploy as the host lists it. working: the host goes on with it by itself; waiting: it needs its CLI, which may be gone.
 * `run` and `commit` are what we wrote on it; null on one made by other hands.
 */
export type Deployed = {
  id: string
  url: string | null
  state: 'ready' | 'working' | 'waiting' | 'failed'
  run: string | null
  commit: string | null
}

/** What production serves now, and the newest deploys. */
export type Standing = { live: Deployed | null; all: Deployed[] }

/** A host with deploys of its own names, of which one is live. `T` is what its CLI is told. */
export type Host<T> = {
  use: string
  look(told: T, io: Runs): Promise<Standing>
  put(told: T, what: { dir: string; commit: string }, io: Runs): Promise<{ id: string; url: string | null }>
  /** Makes an earlier deploy live again, at once. */
  restore(told: T, id: string, io: Runs): Promise<void>
  cancel(told: T, id: string, io: Runs): Promise<void>
}

type Told<T> = { told: T }
type Made<T> = Told<T> & { dir: string; commit: string }
type Was<T> = Told<T> & { was: string | null; commit: string }

const PUBLISH_MS = 60_000
const AGAIN_MS = 2000

/** What is written on a deploy, so that it can be told from others after a crash. */
export function markOf(run: string, commit: string): string {
  return `Knowngood ${run} ${commit}`
}

/** The run and the commit in a deploy's message; nulls in anybody else's. */
export function readMark(message: string | null): Pick<Deployed, 'run' | 'commit'> {
  const [, run, commit] = /\bKnowngood ([\w.:-]+) ([0-9a-f]{7,64})\b/.exec(message ?? '') ?? []
  return { run: run ?? null, commit: commit ?? null }
}

/** The work of the steps, the same for every such host. */
export function hosted<T>(host: Host<T>) {
  const look = (told: T, io: Runs) => host.look(told, io)

  const deploy = async ({ told, ...what }: Made<T>, io: Runs): Promise<JsonRecord> => {
    const { id, url } = await host.put(told, what, io)
    await mustBeLive(told, id, io)
    if (url !== null) io.line(`live as ${url}`)
    return { deployId: id, url }
  }

  const mustBeLive = async (told: T, id: string, io: Runs) => {
    const until = performance.now() + PUBLISH_MS
    for (;;) {
      const { live } = await look(told, io)
      if (live?.id === id) return
      if (performance.now() > until) {
        const why = `the deploy ${id} is there, and production still serves ${live?.id ?? 'nothing'}`
        throw new StepFailed(host.use, `${why}: is it locked to that one?`)
      }
      await sleep(AGAIN_MS, undefined, { signal: io.signal })
    }
  }

  return {
    capture: async ({ told }: Told<T>, io: Runs) => {
      const { live } = await look(told, io)
      return { deployId: live?.id ?? null, url: live?.url ?? null }
    },

    deploy,

    /** The host's own rollback where it still has a deploy of this commit, else the same as a deploy. */
    goBack: async (made: Made<T>, io: Runs): Promise<JsonRecord> => {
      const { live, all } = await look(made.told, io)
      const found = all.find((one) => one.state === 'ready' && one.commit === made.commit)
      if (found === undefined) return await deploy(made, io)
      io.line(`${host.use} still has the deploy ${found.id} of ${made.commit.slice(0, 7)}`)
      if (live?.id !== found.id) {
        await host.restore(made.told, found.id, io)
        await mustBeLive(made.told, found.id, io)
      }
      return { deployId: found.id, url: found.url }
    },

    probe: async ({ told, was, commit }: Was<T>, io: Runs) => {
      const { live, all } = await look(told, io)
      const mine = all.filter((one) => one.run === io.run)
      const saw = { live: live?.id ?? null, ours: mine.map(({ id, state }) => ({ id, state })) }
      if ((live?.id ?? null) === was)
        return { state: mine.some(({ state }) => state === 'working') ? 'settling' : 'absent', saw }
      if (live === null || !isOurs(live, commit, io)) return { state: 'foreign', saw }
      return { state: 'done', saw, gives: { deployId: live.id, url: live.url } }
    },

    undo: async ({ told, was, commit }: Was<T>, io: Runs) => {
      const { live, all } = await look(told, io)
      for (const one of all.filter(({ run, state }) => run === io.run && (state === 'working' || state === 'waiting')))
        await host.cancel(told, one.id, io)
      if ((live?.id ?? null) === was) return { deployId: was }
      if (live === null || !isOurs(live, commit, io)) {
        const why = `production serves ${live?.id ?? 'nothing'}, which this run did not put there`
        throw held(`${host.use} has moved`, why, ['Look at what came; it is left as it is.'])
      }
      if (was === null) throw new StepFailed(host.use, `there was no deploy before ${live.id} to go back to`)
      await host.restore(told, was, io)
      await mustBeLive(told, was, io)
      return { deployId: was }
    },
  }
}

function isOurs(live: Deployed, commit: string, io: Runs): boolean {
  return live.run === io.run || live.commit === commit
}

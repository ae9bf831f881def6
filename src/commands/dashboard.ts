import { setTimeout as sleep } from 'node:timers/promises'
import type { Deck } from '../core/deck.ts'
import { EXIT, type ExitCode, type UserError } from '../core/failure.ts'
import { startLooking } from '../facts/early.ts'
import { openSession } from '../records/session.ts'
import { paintDashboard, type Painted } from '../tui/painted.ts'
import { openGit } from '../world/git.ts'
import { operatorOf } from '../world/identity.ts'
import { REOPEN } from '../tui/reopen.ts'
import { openPreferences } from '../world/preferences.ts'
import type { RunCommand } from './command.ts'
import type { Context } from './context.ts'
import { makeFactsStore, type FactsStore } from './deck/facts-store.ts'
import type { Survived } from './surviving.ts'

/** Bare `knowngood`: the dashboard in a terminal, the same as `status` without one. */
export const run: RunCommand = async (context, args, options) => {
  if (!context.interactive) return await (await import('./status.ts')).run(context, args, options)
  return { exit: await openDashboard(context), data: {}, lines: [] }
}

/** The project, or what is there instead of it; the way of a broken one is only loaded for it. */
async function survivedAt(context: Context): Promise<Survived> {
  const own = await context.project().catch(() => null)
  if (own !== null && own.file !== null) return { project: own, problem: null, from: null }
  return await (await import('./surviving.ts')).survivingProject(context, null)
}

type Preferences = Awaited<ReturnType<typeof openPreferences>>

/**
 * Until then (ms after the start) the first frame waits for its values, to be drawn once: so many times as long as this machine
 * took to start Node, and no longer than anybody would see.
 */
const INSTANT_MS = Math.min(160, 5.5 * performance.nodeTiming.bootstrapComplete)

/** What is here is looked at first, for this long (ms) at most: loading what answers the keys would keep the processor busy. */
const HEAD_START_MS = 300

/** Others that are about to answer have this long (ms) to do so: their values would come after all that is loaded. */
const ANSWER_MS = 80

/** After this (ms) the start is over, and there is time for what nobody waits for. */
const QUIET_MS = 1_000

/** Looks that are going have this long (ms) to end. */
const LEAVE_MS = 300

/** Opens the deck on the project of the working directory and gives the exit code when the operator leaves. */
export async function openDashboard(context: Context, how: { demo?: boolean } = {}): Promise<ExitCode> {
  const exit = await open(context, how.demo === true)
  if (exit !== REOPEN) return Object.values<number>(EXIT).includes(exit) ? (exit as ExitCode) : EXIT.done
  const { findRoot, loadProject } = await import('../config/load.ts')
  const project = await loadProject(await findRoot(context.cwd))
  return await openDashboard({ ...context, project: async () => project }, how)
}

async function open(context: Context, demo: boolean): Promise<number> {
  const named = operatorOf(context.cwd)
  const [survived, preferences] = await Promise.all([survivedAt(context), openPreferences()])
  const { project } = survived
  const { stdin, stdout } = process
  // Git and the network are asked first of all: while they answer, there is time for everything else.
  const leaving = new AbortController()
  const { signal } = leaving
  const early = startLooking(openGit(project.root), project, { remote: true, live: true, signal })
  const { host } = context
  // A read-only clone can still be looked at.
  const session = named.then((operator) => openSession(project.root, { operator, host })).catch(() => undefined)
  const facts = makeFactsStore(project, { operator: '', host }, { early, session, signal })
  void facts.refresh().catch(() => undefined)
  await Promise.race([facts.here, sleep(Math.max(0, INSTANT_MS - performance.now()))])
  const painted =
    survived.problem !== null
      ? null
      : paintDashboard({
          ...project,
          facts: facts.store,
          freshMs: (kind) => project.backups[kind]?.freshMs ?? null,
          theme: preferences.get().theme,
          demo,
          env: process.env,
          stdin,
          stdout,
        })
  try {
    if (!demo) void remember(preferences, project.root)
    const looked = Promise.race([facts.all, facts.here.then(() => sleep(ANSWER_MS))])
    await Promise.race([looked, sleep(HEAD_START_MS)])
    return await draw({ survived, context, facts, preferences, painted, demo })
  } catch (error) {
    painted?.leave()
    throw error
  } finally {
    // Nothing of ours is still written into a folder that the operator may be about to remove.
    leaving.abort()
    await Promise.race([facts.idle(), sleep(LEAVE_MS, undefined, { ref: false })])
  }
}

async function remember(preferences: Preferences, lastProject: string): Promise<void> {
  await sleep(QUIET_MS, undefined, { ref: false })
  preferences.set({ lastProject })
}

type Drawn = {
  survived: Survived
  context: Context
  facts: FactsStore
  preferences: Preferences
  painted: Painted | null
  demo: boolean
}

async function draw({ survived, context, facts, preferences, painted, demo }: Drawn): Promise<number> {
  const { project, problem } = survived
  const [{ runDeck }, { makeDeck }] = await Promise.all([import('../tui/app.tsx'), import('./deck/make-deck.ts')])
  const whole = makeDeck(project, context, preferences, facts)
  const deck = problem === null ? whole : await brokenOf(whole, context.host, { ...survived, problem })
  return await runDeck(deck, { stdin: process.stdin, stdout: process.stdout, demo, painted })
}

async function brokenOf(deck: Deck, host: string, survived: Survived & { problem: UserError }): Promise<Deck> {
  const [{ brokenDeck }, { planFor }] = await Promise.all([import('./deck/broken.ts'), import('./deck/plans.ts')])
  return brokenDeck(deck, survived, (project, request) => planFor(project, { operator: deck.operator, host }, request))
}

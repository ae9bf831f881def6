import { setTimeout as sleep } from 'node:timers/promises'
import { EXIT, type ExitCode } from '../core/failure.ts'
import type { Project } from '../core/project.ts'
import { startLooking } from '../facts/early.ts'
import { openSession } from '../records/session.ts'
import { paintDashboard, type Painted } from '../tui/painted.ts'
import { openGit } from '../world/git.ts'
import { operatorOf } from '../world/identity.ts'
import { openPreferences } from '../world/preferences.ts'
import type { RunCommand } from './command.ts'
import type { Context } from './context.ts'
import { makeFactsStore, type FactsStore } from './deck/facts-store.ts'

/** Bare `knowngood`: the dashboard in a terminal, the same as `status` without one. */
export const run: RunCommand = async (context, args, options) => {
  if (!context.interactive) return await (await import('./status.ts')).run(context, args, options)
  return { exit: await openDashboard(context), data: {}, lines: [] }
}

type Preferences = Awaited<ReturnType<typeof openPreferences>>

/** What is here is looked at first, for this long (ms) at most: loading what answers the keys would keep the processor busy. */
const HEAD_START_MS = 300

/** After this (ms) the start is over, and there is time for what nobody waits for. */
const QUIET_MS = 1_000

/** Looks that are going have this long (ms) to end. */
const LEAVE_MS = 300

/** Opens the deck on the project of the working directory and gives the exit code when the operator leaves. */
export async function openDashboard(context: Context, how: { demo?: boolean } = {}): Promise<ExitCode> {
  const demo = how.demo === true
  const named = operatorOf(context.cwd)
  const [project, preferences] = await Promise.all([
    context.project().catch(async (error: unknown) => {
      throw await (await import('./way-out.ts')).withWayOut(error, context.cwd)
    }),
    openPreferences(),
  ])
  const { stdin, stdout } = process
  // Git and the network are asked first of all: while they answer, there is time for everything else.
  const leaving = new AbortController()
  const { signal } = leaving
  const early = startLooking(openGit(project.root), project, { remote: true, live: true, signal })
  const facts = makeFactsStore(project, { operator: '', host: context.host }, { early, signal })
  const painted = paintDashboard({
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
    void named.then((operator) => begin({ project, operator, host: context.host, facts, preferences, demo }))
    await Promise.race([facts.here, sleep(HEAD_START_MS)])
    const exit = await draw({ project, context, facts, preferences, painted, demo })
    return Object.values<number>(EXIT).includes(exit) ? (exit as ExitCode) : EXIT.done
  } catch (error) {
    painted?.leave()
    throw error
  } finally {
    // Nothing of ours is still written into a folder that the operator may be about to remove.
    leaving.abort()
    await Promise.race([facts.idle(), sleep(LEAVE_MS, undefined, { ref: false })])
  }
}

type Begun = {
  project: Project
  operator: string
  host: string
  facts: FactsStore
  preferences: Preferences
  demo: boolean
}

async function begin({ project: { root }, operator, host, facts, preferences, demo }: Begun): Promise<void> {
  // A read-only clone can still be looked at.
  await openSession(root, { operator, host }).catch(() => undefined)
  const looked = facts.refresh().catch(() => undefined)
  if (!demo) void sleep(QUIET_MS, undefined, { ref: false }).then(() => preferences.set({ lastProject: root }))
  await looked
}

type Drawn = {
  project: Project
  context: Context
  facts: FactsStore
  preferences: Preferences
  painted: Painted | null
  demo: boolean
}

async function draw({ project, context, facts, preferences, painted, demo }: Drawn): Promise<number> {
  const [{ runDeck }, { makeDeck }] = await Promise.all([import('../tui/app.tsx'), import('./deck/make-deck.ts')])
  const deck = makeDeck(project, context, preferences, facts)
  return await runDeck(deck, { stdin: process.stdin, stdout: process.stdout, demo, painted })
}

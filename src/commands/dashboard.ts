import type { Deck } from '../core/deck.ts'
import { EXIT, type ExitCode } from '../core/failure.ts'
import { openSession } from '../records/session.ts'
import { openPreferences } from '../world/preferences.ts'
import type { RunCommand } from './command.ts'
import type { Context } from './context.ts'
import { run as runStatus } from './status.ts'

/** Bare `knowngood`: the dashboard in a terminal, the same as `status` without one. */
export const run: RunCommand = async (context, args, options) => {
  if (!context.interactive) return await runStatus(context, args, options)
  return { exit: await openDashboard(context), data: {}, lines: [] }
}

/** Opens the deck on the project of the working directory and gives the exit code when the operator leaves. */
export async function openDashboard(context: Context, how: { demo?: boolean } = {}): Promise<ExitCode> {
  const [project, { runDeck }, { makeDeck }, preferences] = await Promise.all([
    context.project(),
    import('../tui/app.tsx'),
    import('./deck/make-deck.ts'),
    openPreferences(),
  ])
  const deck = makeDeck(project, context, preferences)
  const left = runDeck(deck, { stdin: process.stdin, stdout: process.stdout, demo: how.demo === true })
  // The first frame is on its way before anything is looked up: starting git alone takes longer than drawing.
  void begin(deck, context, how.demo === true)
  const exit = await left
  return Object.values<number>(EXIT).includes(exit) ? (exit as ExitCode) : EXIT.done
}

async function begin(deck: Deck, { operator, host }: Context, demo: boolean): Promise<void> {
  // A read-only clone can still be looked at.
  await openSession(deck.root, { operator, host }).catch(() => undefined)
  if (!demo) deck.preferences.set({ lastProject: deck.root })
  await deck.refresh().catch(() => undefined)
}

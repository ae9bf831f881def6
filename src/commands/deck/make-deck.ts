import type { Deck, RunView, Store } from '../../core/deck.ts'
import { diskWarnings } from '../../core/disk-warnings.ts'
import { UserError } from '../../core/failure.ts'
import { statePaths } from '../../core/paths.ts'
import type { Project } from '../../core/project.ts'
import { rollbackCandidates } from '../../core/rollback-candidates.ts'
import { cleanLines } from '../../core/text.ts'
import { recentAudit } from '../../records/audit-log.ts'
import { readLogLines } from '../../records/deploy-log.ts'
import { requestStop } from '../../run/stop.ts'
import { watchRun } from '../../run/watch.ts'
import { now } from '../../world/clock.ts'
import { readText } from '../../world/files.ts'
import { commitsBetween } from '../../world/git-history.ts'
import { openGit } from '../../world/git.ts'
import type { Context } from '../context.ts'
import type { FactsStore } from './facts-store.ts'
import { deckGate } from './gate.ts'
import { paletteCommands, readVerb } from './palette.ts'

type Preferences = Deck['preferences']

// What only a key asks for is loaded when it is pressed: the first frame waits for none of it.

const backups = () => import('./backups.ts')
const launching = () => import('../../run/launch.ts')
const surviving = () => import('../surviving.ts')

/** The deck on a real project: everything the screens may ask for, done by the same rooms as the command line. */
export function makeDeck(project: Project, context: Context, preferences: Preferences, facts: FactsStore): Deck {
  const { operator, host } = context
  const { root } = project
  const watched = new Map<string, Store<RunView | null>>()
  const refresh = () => void facts.refresh().catch(() => undefined)
  return {
    project: project.project,
    environment: project.environment,
    root,
    operator,
    host,
    now,
    facts: facts.store,
    refresh: () => facts.refresh(),
    plan: async (request) => (await import('./plans.ts')).planFor(project, { operator, host }, request),
    async start(plan, answers) {
      // Break glass goes on where its state cannot be kept, as the plan's warnings say.
      const state = plan.op === 'emergency' ? await (await surviving()).stateElsewhere(project) : null
      const told = state === null ? plan : { ...plan, names: { ...plan.names, journal: state } }
      return await (await launching()).launchRun(root, { plan: told, answers, by: operator })
    },
    watch(run) {
      const store = watched.get(run) ?? refreshedAtEnd(watchRun(root, run), refresh)
      watched.set(run, store)
      return store
    },
    stop: (run) => requestStop(root, run),
    candidates: async () => rollbackCandidates(project, facts.store.get().facts),
    kinds: async () => (await backups()).kindsOf(project, facts.store.get().facts),
    glass: async () => (await import('./glass.ts')).glassChoices(project, facts.store.get().facts),
    kept: async () => (await backups()).keptOf(project, facts.store.get().facts),
    backup: async (id) => (await backups()).backupDetail(project, facts.store.get().facts, id),
    confirmDoubts: async (id, reason) =>
      (await backups()).confirmDoubt(project, facts.store.get().facts, { id, reason, operator }),
    freshMs: (kind) => project.backups[kind]?.freshMs ?? null,
    room: () => {
      const { disk } = facts.store.get().facts
      return disk.ok ? diskWarnings(project, disk.value) : []
    },
    retention: async (kind) => (await backups()).retentionRows(project, facts.store.get().facts, kind),
    gate: deckGate(project, operator, () => facts.store.get().facts, refresh),
    async inspect(run) {
      const [{ inspectRun }, { calls }] = await Promise.all([
        import('../../run/inspect.ts'),
        import('../../calls/registry.ts'),
      ])
      return await inspectRun(root, run, calls)
    },
    async settle(run, how) {
      // Its end, if it had one, is no longer the end.
      watched.delete(run)
      return (await launching()).launchSettle(root, { settle: how, run, by: operator })
    },
    log: async (file) => readLogLines(root, project.logs.dir, file),
    async runLog(run) {
      const text = await readText(statePaths(root).events(run))
      if (text === null) throw new UserError(`There is no log of ${run}`, 'its files are not here', ['R looks again.'])
      return text.split('\n').flatMap(logLine)
    },
    activity: () => recentAudit(root),
    copy: async (text) => (await import('../../world/clipboard.ts')).copyText(text),
    commands: paletteCommands,
    read: (command) => readVerb(command, context),
    commits: (from, to) => commitsBetween(openGit(root), from, to),
    preferences,
    broken: null,
  }
}

/** A run that ends has changed the facts; they are looked at again, once, also when no screen shows it any more. */
function refreshedAtEnd(store: Store<RunView | null>, refresh: () => void): Store<RunView | null> {
  const stop = store.subscribe(() => {
    if (!store.get()?.end) return
    stop()
    refresh()
  })
  return store
}

function logLine(line: string): string[] {
  try {
    const event = JSON.parse(line) as { t?: string; at?: string; text?: string; step?: string }
    return event.t === 'line' ? cleanLines(`${event.at?.slice(11, 19) ?? ''}  ${event.text ?? ''}`) : []
  } catch {
    return []
  }
}

import { resolve } from 'node:path'
import type { ListedBackup } from '../core/backup.ts'
import type { Call, Step } from '../core/plan.ts'
import type { RestoreTo } from '../core/plug-in.ts'
import { recordsVariable, type Project } from '../core/project.ts'
import { call, step } from '../core/step.ts'
import type { Decided } from './decided.ts'
import type { Fit } from './fitting.ts'
import { proving } from './proof-steps.ts'

/** How data goes in: `reaches` asks the servers and engines they are kept by, every source beside and counted first, then one swap after the other; `drops` clears what is left of it. */
export type DataSteps = { reaches: Step[]; besides: Step[]; swaps: Step[]; drops: Step[] }

type How = { to: RestoreTo; decided: Decided; fence: boolean; backup: ListedBackup; run: string }

/** What puts each source's parts beside, makes them live, removes a scratch one; others are left out. */
export function dataSteps(fits: readonly Fit[], how: How): DataSteps {
  const made: DataSteps = { reaches: [], besides: [], swaps: [], drops: [] }
  for (const fit of fits) {
    const { name } = fit
    const ids = { beside: `beside.${name}`, swap: `swap.${name}`, drop: `drop.${name}` }
    const { to, run } = how
    const context = { ids, name, parts: fit.parts, to, run, at: how.decided.now }
    const steps = fit.source.restore(fit.options, context)
    if (steps === null) continue
    const about = { backup: how.backup, rung: 'restored' as const, parts: fit.parts.map(({ part }) => part) }
    const counted = proving(steps.beside, { ...about, after: 'hash', hard: true })
    const reach = steps.swap === null ? undefined : fit.source.reach?.(fit.options)
    const asked = reach === undefined || counted.capture !== undefined ? counted : { ...counted, capture: reach }
    if (reach !== undefined)
      made.reaches.push(step(`reach.${name}`, `See that ${name} can be reached`, [reach], { stop: 'anytime' }))
    made.besides.push(steps.swap === null ? asked : { ...asked, spentBy: ids.swap })
    if (steps.swap !== null) made.swaps.push({ ...steps.swap, fence: how.fence })
    made.drops.push({ ...steps.drop, stop: 'never', onFail: 'owe' })
  }
  return made
}

/** Empties caches that are not restored. The data is right without it, so a cache that is down is owed, not a reason to go back. */
export function flushSteps(caches: readonly Fit[], fence: boolean): Step[] {
  return caches.flatMap(({ name, source, options }) => {
    const flush = source.flush?.(options, { id: `flush.${name}`, name }) ?? null
    return flush === null ? [] : [{ ...flush, fence, onFail: 'owe' as const }]
  })
}

/**
 * Room for what is put beside, and for the snapshot of what stands there now; `snapshot` looks where that one goes, which may
 * be another volume. Null: none is made.
 */
export function roomStep(
  project: Project,
  fits: readonly Pick<Fit, 'parts'>[],
  dir: string,
  snapshot: readonly Call[] | null,
): Step {
  const bytes = fits.flatMap(({ parts }) => parts).reduce((sum, { part }) => sum + grown(part), 0)
  const input = { dir, bytes: snapshot === null ? bytes : bytes * 2, spare: project.disk.free }
  return step(
    'room',
    'Look for room',
    [call('restore.room', input, `look for room on the volume of ${dir}`, [['df', '-h', dir]]), ...(snapshot ?? [])],
    {
      gives: ['free'],
      stop: 'anytime',
    },
  )
}

/** What a part takes once it is out of its archive, at a guess: text and rows pack to about a fourth. */
function grown({ path, bytes }: { path: string; bytes: number }): number {
  return /\.(gz|dump|zip)(\.gpg|\.age)?$/.test(path) ? bytes * 4 : bytes
}

/** The release records, read before the database that holds them is swapped, and what is newer written back into it after. */
export function recordSteps(project: Project, fits: readonly Fit[]): { before: Step[]; after: Step[] } {
  const { url } = project.records
  if (!fits.some((fit) => holdsRecords(project, fit))) return { before: [], after: [] }
  const before = step(
    'records.read',
    'Read the release records',
    [call('records.read', { url }, `read the rows of ${url}`)],
    {
      gives: ['rows'],
      stop: 'anytime',
    },
  )
  const input = { url, rows: { $: 'records.read.rows' } }
  const after = step(
    'records.carry',
    'Carry newer release records over',
    [call('records.carry', input, 'add the releases that were recorded since the backup')],
    {
      effect: 'local',
      gives: ['added'],
      probe: call('again.probe', {}, 'it may be done again'),
      onFail: 'owe',
    },
  )
  return { before: [before], after: [after] }
}

function holdsRecords(project: Project, { use, options }: Fit): boolean {
  const { url } = project.records
  const told = options as { path?: unknown }
  if (use === 'sqlite' && url.startsWith('sqlite:') && typeof told.path === 'string')
    return (
      resolve(project.root, told.path) === resolve(project.root, url.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, ''))
    )
  // Two variables may name one database, and a plan reads neither. To carry over what is still there does nothing.
  return use === 'postgres' && recordsVariable(url) !== null
}

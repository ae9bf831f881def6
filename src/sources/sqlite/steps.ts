import { basename, dirname, join } from 'node:path'
import type { Json } from '../../core/json.ts'
import type { Arg, Step } from '../../core/plan.ts'
import type { Forget, RestoreContext, RestoreSteps, StoredPart } from '../../core/plug-in.ts'
import { call, step } from '../../core/step.ts'
import { onlyPart } from '../beside.ts'
import { withSides } from './copy.ts'
import type { Kept, Swap } from './swap.ts'

/** Seconds that somebody else may keep the live database locked. */
const WAIT = 30

type Told = { path: string; migrations: string; wait?: number | undefined }

/** Restores into a copy beside the live database, then by the backup API into it: its readers see the new rows at once. */
export function restoreSteps(o: Told, context: RestoreContext): RestoreSteps {
  const { ids, name, run, to } = context
  const { file, part } = onlyPart(name, context.parts)
  const place = to.live ? placeBeside(o.path, run) : join(to.dir, `${name}.db`)
  const was = { $: 'was' }
  const input = { name, migrations: o.migrations, file, part, place }
  const remove = call('sqlite.drop', { place, was }, `remove ${place}`, [['rm', '-f', place]])
  const beside = step(
    ids.beside,
    `Restore ${name} beside`,
    [call('sqlite.beside', { ...input, was }, `copy to ${place} and count its rows`, copyByHand(file, place))],
    {
      detail: place,
      effect: 'local',
      gives: ['counts', 'place'],
      capture: call('sqlite.look', { place }, `whether ${place} is free`, [['ls', '-l', place]]),
      probe: call('sqlite.beside.seen', input, `whether ${place} is whole`, [['sha256sum', place]]),
      undo: [remove],
      stop: 'anytime',
      expect: { bytes: part.bytes },
    },
  )
  const mine = { ...remove, input: { place, was: { free: true } } }
  const drop = step(ids.drop, `Remove the copy of ${name}`, [mine], {
    effect: 'local',
    probe: call('sqlite.dropped', { place }, `whether ${place} is gone`, [['ls', '-l', place]]),
  })
  const swap = to.live
    ? swapStep(ids.swap, `Swap ${name} in`, { name, path: o.path, wait: o.wait ?? WAIT, run, place, asIs: false })
    : null
  return { beside, swap, drop }
}

/** Makes what an earlier swap kept live again, by the very same swap. */
export function backStep(o: Told, context: { id: string; name: string; run: string; kept: Json }): Step {
  const { id, name, run } = context
  const kept = context.kept as Kept
  const place = kept?.file ?? null
  return swapStep(id, `Put ${name} back`, {
    name,
    path: o.path,
    wait: o.wait ?? WAIT,
    run,
    place,
    asIs: kept?.how === 'moved',
  })
}

/** Removes what was moved aside because it could not be read; a copy lies in the run's own folder. */
export function forgetStep(o: Told, context: { id: string; name: string; run: string; kept: Json }): Forget | null {
  const { id, name, run } = context
  const kept = context.kept as Kept
  if (kept?.how !== 'moved') return null
  const { file } = kept
  const input = { name, path: o.path, file, run }
  const remove = call('sqlite.forget', input, `remove ${file} and what stands beside it`, [
    ['rm', '-f', ...withSides(file)],
  ])
  const made = step(id, `Remove what was kept of ${name}`, [remove], {
    detail: file,
    effect: 'destroys',
    probe: call('sqlite.dropped', { place: file }, `whether ${file} is gone`, [['ls', '-l', file]]),
    onFail: 'halt',
  })
  return { step: made, names: [file], paths: [file] }
}

/** Opens a stored copy where it lies; nothing is written beside it. */
export function readableStep(o: Told, read: StoredPart & { id: string; name: string }): Step {
  const { id, name, file, part } = read
  const says = `read ${part.path} whole and count its rows`
  const byHand = [['sqlite3', '-readonly', file, 'PRAGMA integrity_check']]
  const input = { name, migrations: o.migrations, file, part }
  return step(id, `Open ${part.path}`, [call('sqlite.readable', input, says, byHand)], { gives: ['counts'] })
}

function swapStep(id: string, title: string, input: Swap): Step {
  const { path, place } = input
  const was = { $: 'was' }
  const ended = { ...input, was, given: { $: `${id}.kept` } }
  const into = (from: Arg): Arg[][] => [
    typeof from === 'string' ? ['sqlite3', path, restore(from)] : ['cp', from, path],
  ]
  const says = place === null ? `move ${path} aside` : `copy ${place} into ${path} by the online backup API`
  return step(id, title, [call('sqlite.swap', { ...input, was }, says, into(place ?? ''))], {
    detail: path,
    effect: 'destroys',
    gives: ['kept'],
    capture: call('sqlite.keep', input, `keep what is in ${path}`, [['sqlite3', path, '.backup kept.db']]),
    probe: call('sqlite.swapped', ended, `which of the two is in ${path}`, [
      ['sqlite3', '-readonly', path, 'PRAGMA integrity_check'],
    ]),
    undo: [call('sqlite.unswap', ended, `put back what was in ${path}`, into({ $: 'was.file' }))],
  })
}

/** In the live one's folder, so that a missing one can be put in place at once. */
function placeBeside(path: string, run: string): string {
  return join(dirname(path), `.${basename(path)}.knowngood-${run}`)
}

function copyByHand(file: string, place: string): Arg[][] {
  return [
    ['cp', file, place],
    ['sqlite3', '-readonly', place, 'PRAGMA integrity_check'],
  ]
}

/** A dot-command of the shell takes a name in double quotes, with escapes as in C. */
export function restore(file: string): string {
  return `.restore ${JSON.stringify(file)}`
}

import { basename, join } from 'node:path'
import type { Json } from '../../core/json.ts'
import type { Arg, Step } from '../../core/plan.ts'
import type { Forget, RestoreContext, RestoreSteps } from '../../core/plug-in.ts'
import { call, step } from '../../core/step.ts'
import { onlyPart } from '../beside.ts'
import type { Unpack } from './calls.ts'
import { named } from './named.ts'
import type { Kept, Swap } from './swap.ts'

/** Unpacks beside each path, and swaps by two renames. `paths` null: code by part, which only goes into a folder. */
export function restoreSteps(paths: string[] | null, context: RestoreContext): RestoreSteps {
  const { ids, name, run } = context
  const unpack = unpacked(paths, context)
  const was = { $: 'was' }
  const places = unpack.map(({ place }) => place).join(', ')
  const remove = (free: Json) =>
    call('files.drop', { name, unpack, was: free }, `remove ${places}`, [
      ['rm', '-rf', ...unpack.map(({ place }) => place)],
    ])
  const looked: Arg[][] = [['ls', '-ld', ...unpack.map(({ place }) => place)]]
  const beside = step(
    ids.beside,
    `Restore ${name} beside`,
    [call('files.beside', { name, unpack, was }, `unpack into ${places} and count`, unpack.flatMap(byHand))],
    {
      detail: places,
      effect: 'local',
      gives: ['counts', 'place'],
      capture: call('files.look', { name, unpack, was: null }, `whether ${places} is free`, looked),
      probe: call('files.beside.seen', { name, unpack, was }, `whether ${places} is whole`, looked),
      undo: [remove(was)],
      stop: 'anytime',
    },
  )
  const drop = step(ids.drop, `Remove the copy of ${name}`, [remove({ free: unpack.map(() => true) })], {
    effect: 'local',
    probe: call('files.dropped', { name, unpack, was: null }, `whether ${places} is gone`, looked),
  })
  if (!context.to.live || paths === null) return { beside, swap: null, drop }
  const items = paths.map((path) => ({ path, from: named(path, 'knowngood', run), old: named(path, 'before', run) }))
  return { beside, swap: swapStep(ids.swap, `Swap ${name} in`, { name, items, carry: true }), drop }
}

/** Makes what an earlier swap kept live again, by renaming once more. */
export function backStep(
  paths: readonly string[],
  { id, name, run, kept }: { id: string; name: string; run: string; kept: Json },
): Step {
  const before = (kept as Kept | null) ?? paths.map((path) => ({ path, old: null }))
  const items = before.map(({ path, old }) => ({ path, from: old, old: named(path, 'before', run) }))
  return swapStep(id, `Put ${name} back`, { name, items, carry: false })
}

/** Removes what a swap kept beside each path. */
export function forgetStep({
  id,
  name,
  run,
  kept,
}: {
  id: string
  name: string
  run: string
  kept: Json
}): Forget | null {
  const paths = ((kept as Kept | null) ?? []).flatMap(({ old }) => (old === null ? [] : [old]))
  if (paths.length === 0) return null
  const items = (kept as Kept).filter(({ old }) => old !== null)
  const shown = paths.join(', ')
  const made = step(
    id,
    `Remove what was kept of ${name}`,
    [call('files.forget', { name, items, run }, `remove ${shown}`, [['rm', '-rf', '--', ...paths]])],
    {
      detail: shown,
      effect: 'destroys',
      probe: call('files.forgotten', { items }, `whether ${shown} is gone`, [['ls', '-ld', ...paths]]),
      onFail: 'halt',
    },
  )
  return { step: made, names: paths, paths }
}

function unpacked(paths: string[] | null, { name, parts, run, to }: RestoreContext): Unpack[] {
  if (to.live && paths !== null) {
    const { file, part } = onlyPart(name, parts)
    return paths.map((path) => ({ file, part, only: path, place: named(path, 'knowngood', run) }))
  }
  const dir = to.live ? name : join(to.dir, name)
  return parts.map(({ file, part }) => {
    const place = paths === null ? join(dir, basename(part.path, '.tar.gz')) : dir
    return { file, part, only: null, place }
  })
}

function swapStep(id: string, title: string, input: Swap): Step {
  const { items } = input
  const was = { $: 'was' }
  const shown = items.map(({ path }) => path).join(', ')
  const forth: Arg[][] = items.flatMap(({ path, from, old }) => [
    ['mv', '-T', path, old],
    ...(from === null ? [] : [['mv', '-T', from, path]]),
  ])
  const back: Arg[][] = items
    .toReversed()
    .flatMap(({ path, from, old }) => [...(from === null ? [] : [['mv', '-T', path, from]]), ['mv', '-T', old, path]])
  const look: Arg[][] = [
    ['ls', '-ld', ...items.flatMap(({ path, from, old }) => [path, ...(from === null ? [] : [from]), old])],
  ]
  return step(
    id,
    title,
    [call('files.swap', { ...input, was }, `rename ${shown}, and the new one in its place`, forth)],
    {
      detail: shown,
      effect: 'destroys',
      gives: ['kept'],
      capture: call('files.keep', input, `what stands at ${shown}`, look),
      probe: call('files.swapped', { ...input, was }, `which of the two stands at ${shown}`, look),
      undo: [call('files.unswap', { ...input, was }, `rename ${shown} back`, back)],
    },
  )
}

function byHand({ file, only, place }: Unpack): Arg[][] {
  // The archive holds the whole path; what is swapped in is what stands at its end.
  const around = only === null ? place : `${place}.around`
  return [
    ['mkdir', '-p', around],
    ['tar', '-xzf', file, '-C', around, ...(only === null ? [] : [only])],
    ...(only === null
      ? []
      : [
          ['mv', '-T', `${around}/${only}`, place],
          ['rm', '-rf', around],
        ]),
  ]
}

import { basename, join } from 'node:path'
import type { Json } from '../../core/json.ts'
import type { Step } from '../../core/plan.ts'
import type { RestoreContext, RestoreSteps, StoredPart } from '../../core/plug-in.ts'
import { call, step } from '../../core/step.ts'
import { onlyPart } from '../beside.ts'
import type { Command } from './run.ts'
import type { Kept, Swap } from './swap.ts'

/** The commands a project names; `restore` and `check` may be missing. */
export type Told = { capture: Command; restore: Command | null; check: Command | null }

/** A verified copy beside; the swap is the team's own restore command, after a capture that is what goes back. */
export function restoreSteps(o: Told, context: RestoreContext): RestoreSteps {
  const { ids, name, run, to } = context
  const { file, part } = onlyPart(name, context.parts)
  const stored = basename(part.path)
  const place = to.live ? join('.knowngood', 'undo', run, `restore-${stored}`) : join(to.dir, stored)
  const was = { $: 'was' }
  const input = { name, check: o.check, file, part, place }
  const remove = (free: Json) => call('command.drop', { place, was: free }, `remove ${place}`, [['rm', '-f', place]])
  const beside = step(
    ids.beside,
    `Restore ${name} beside`,
    [call('command.beside', { ...input, was }, `copy to ${place}`, [['cp', file, place], ...checked(o, place)])],
    {
      detail: place,
      effect: 'local',
      gives: ['counts', 'place'],
      capture: call('command.look', { place }, `whether ${place} is free`, [['ls', '-l', place]]),
      probe: call('command.beside.seen', input, `whether ${place} is whole`, [['sha256sum', place]]),
      undo: [remove(was)],
      stop: 'anytime',
      expect: { bytes: part.bytes },
    },
  )
  const drop = step(ids.drop, `Remove the copy of ${name}`, [remove({ free: true })], {
    effect: 'local',
    probe: call('command.dropped', { place }, `whether ${place} is gone`, [['ls', '-l', place]]),
  })
  const { capture, restore } = o
  const swap =
    to.live && restore !== null
      ? swapStep(ids.swap, `Restore ${name}`, { name, capture, restore, run, place, file: stored })
      : null
  return { beside, swap, drop }
}

/** Runs the restore command with what an earlier swap kept. */
export function backStep(o: Told, context: { id: string; name: string; run: string; kept: Json }): Step {
  const { id, name, run } = context
  const { file } = context.kept as Kept
  if (o.restore === null) throw new Error(`${name} has no restore command`)
  const swap = { name, capture: o.capture, restore: o.restore, run, place: file, file: basename(file) }
  return swapStep(id, `Put ${name} back`, swap)
}

/** Runs the team's own check, where there is one; else the file is only there and not empty. */
export function readableStep(o: Told, { id, name, file, part }: StoredPart & { id: string; name: string }): Step {
  const input = { name, check: o.check, file }
  const says =
    o.check === null ? `see that ${part.path} is not empty` : `check ${part.path} with ${o.check.words[0] ?? ''}`
  const byHand = o.check === null ? [['test', '-s', file]] : checked(o, file)
  return step(id, `Open ${part.path}`, [call('command.readable', input, says, byHand)], {})
}

function swapStep(id: string, title: string, input: Swap): Step {
  const { capture, restore, place } = input
  const was = { $: 'was' }
  const ended = { ...input, was, given: { $: `${id}.kept` } }
  const words = restore.words.join(' ')
  return step(id, title, [call('command.swap', { ...input, was }, words, [filled(restore, '{in}', place)])], {
    detail: words,
    effect: 'destroys',
    gives: ['kept'],
    capture: call('command.keep', input, `capture what is there first`, [filled(capture, '{out}', 'kept')]),
    probe: call('command.swapped', ended, 'whether the restore command has begun, and ended', []),
    undo: [
      call('command.unswap', ended, 'restore what was captured first', [
        restore.words.map((word) => (word === '{in}' ? { $: 'was.file' } : word)),
      ]),
    ],
  })
}

function checked(o: Told, file: string): string[][] {
  return o.check === null ? [] : [filled(o.check, '{in}', file)]
}

/** A command's words with its placeholder filled in. */
export function filled({ words }: Command, placeholder: string, file: string): string[] {
  return words.map((word) => word.replaceAll(placeholder, () => file))
}

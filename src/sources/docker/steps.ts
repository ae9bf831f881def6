import type { Json } from '../../core/json.ts'
import type { Step } from '../../core/plan.ts'
import type { Forget, RestoreContext, RestoreSteps } from '../../core/plug-in.ts'
import { call, step } from '../../core/step.ts'
import type { Archive, Beside } from './calls.ts'
import { engine, loadLine } from './engine.ts'
import { beforeOf, besideOf, LIST } from './names.ts'
import type { Move } from './retag.ts'

/** Loads under names of the run; swaps by moving the live names to them. `imageAt` knows what an archive's path stands for. */
export function restoreSteps(imageAt: (path: string) => string, context: RestoreContext, idleMs: number): RestoreSteps {
  const { ids, name, parts, run, to } = context
  const list = parts.find(({ part }) => part.path.endsWith(LIST))?.file ?? null
  const archives: Archive[] = parts
    .filter(({ part }) => !part.path.endsWith(LIST))
    .map(({ part, file }) => ({ path: part.path, file, counts: part.counts ?? null }))
  const input: Beside = { name, archives, list, run, idleMs }
  const images = archives.map(({ path }) => imageAt(path))
  const places = images.map((image) => besideOf(image, run))
  const looked = places.map((place) => [engine(), 'image', 'inspect', '--format', '{{.Id}}', place])
  const byHand = archives.map(({ file }, index) => ['sh', '-c', loadLine(file, places[index] ?? '')])
  const remove = call('docker.drop', input, `take the names ${places.join(', ')} away`, [[engine(), 'rmi', ...places]])
  const beside = step(
    ids.beside,
    `Load ${name} beside`,
    [call('docker.beside', input, `load as ${places.join(', ')}, and compare the layers`, byHand)],
    {
      detail: places.join(', '),
      effect: 'local',
      gives: ['counts', 'place'],
      probe: call('docker.beside-probe', input, `whether ${places.join(', ')} stand`, looked),
      undo: [remove],
      stop: 'anytime',
    },
  )
  const drop = step(ids.drop, `Take away the names ${name} was loaded under`, [remove], {
    effect: 'local',
    probe: call('docker.drop-probe', input, `whether ${places.join(', ')} are gone`, looked),
  })
  const swap = to.live
    ? retagStep(
        ids.swap,
        `Swap ${name} in`,
        { name, run, moves: { $: `${ids.beside}.place` } },
        images.map((image) => ({ image, from: besideOf(image, run) })),
      )
    : null
  return { beside, swap, drop }
}

/** Takes the names away under which a swap kept what stood there; what nothing else names goes with them. */
export function forgetStep(id: string, name: string, run: string, moves: readonly Move[]): Forget | null {
  const names = moves.flatMap(({ from }) => (from === null ? [] : [from]))
  if (names.length === 0) return null
  const input = { name, run, moves: [...moves] }
  const looked = names.map((one) => [engine(), 'image', 'inspect', '--format', '{{.Id}}', one])
  const shown = names.join(', ')
  const remove = call('docker.forget', input, `take the names ${shown} away`, [[engine(), 'rmi', ...names]])
  const made = step(id, `Remove what was kept of ${name}`, [remove], {
    detail: shown,
    effect: 'destroys',
    probe: call('docker.forgotten', input, `whether ${shown} are gone`, looked),
    onFail: 'halt',
  })
  return { step: made, names, paths: [] }
}

/** Makes each image's name stand for another image, and keeps the one that stood there under a name of the run. */
export function retagStep(
  id: string,
  title: string,
  given: { name: string; run: string; moves: Json },
  items: readonly Pick<Move, 'image' | 'from'>[],
): Step {
  const images = items.map(({ image }) => image)
  const input = { ...given, was: { $: 'was' } }
  const looked = images.map((image) => [engine(), 'image', 'inspect', '--format', '{{.Id}}', image])
  const hand = items.flatMap(({ image, from }) => [
    [engine(), 'tag', image, beforeOf(image, given.run)],
    from === null ? [engine(), 'rmi', image] : [engine(), 'tag', from, image],
  ])
  const back = images.map((image) => [engine(), 'tag', beforeOf(image, given.run), image])
  return step(id, title, [call('docker.retag', input, `move the names ${images.join(', ')}`, hand)], {
    detail: images.join(', '),
    effect: 'destroys',
    capture: call('docker.look', { moves: given.moves }, `what ${images.join(', ')} stand for`, looked),
    gives: ['kept'],
    probe: call('docker.retag-probe', input, `what ${images.join(', ')} stand for`, looked),
    undo: [call('docker.retag-back', input, `move the names ${images.join(', ')} back`, back)],
  })
}

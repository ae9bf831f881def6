import { held, StepFailed } from '../../core/failure.ts'
import type { CallRegistry, Io } from '../../core/plan.ts'
import { inspect, tag, untag } from './engine.ts'
import { beforeOf } from './names.ts'

/**
 * What an image's name is to stand for: what the name `from` stands for, which is the image `id`; nothing at all when it
 * is null. What a swap kept has the same shape, so that putting it back is the same work.
 */
export type Move = { image: string; from: string | null; id: string | null }

type Ids = Record<string, string | null>
type Retag = { name: string; moves: Move[]; run: string; was: { ids: Ids } | null }

/** Moving names: each one at once, what stood there kept under a name of its own first. */
export const retagCalls = {
  'docker.look': async ({ moves }: Pick<Retag, 'moves'>, io: Io) => ({ ids: await idsOf(moves, io) }),

  'docker.retag': async ({ name, moves, run, was }: Retag, io: Io) => {
    const ids = was?.ids ?? {}
    for (const { from, id } of moves) {
      if (from !== null && (await idOf(io, from)) !== id)
        throw new StepFailed(name, `${from} is no longer the image that was put there`)
    }
    for (const { image } of moves) {
      const old = ids[image] ?? null
      if (old !== null) await tag(io, old, beforeOf(image, run))
    }
    for (const { image, from, id } of moves)
      await (id === null || from === null ? untag(io, image) : tag(io, id, image))
    const stand = await idsOf(moves, io)
    const wrong = moves.find(({ image, id }) => stand[image] !== id)
    if (wrong !== undefined) throw new StepFailed(name, `${wrong.image} does not stand for what was put there`)
    return { kept: keptOf(moves, ids, run) }
  },

  'docker.retag-probe': async ({ moves, run, was }: Retag, io: Io) => {
    const ids = was?.ids ?? {}
    const stand = await idsOf(moves, io)
    const states: ('old' | 'new' | 'foreign')[] = []
    for (const { image, id } of moves) {
      const old = ids[image] ?? null
      const kept = old === null || (await idOf(io, beforeOf(image, run))) === old
      states.push(stand[image] === id && kept && was !== null ? 'new' : stand[image] === old ? 'old' : 'foreign')
    }
    if (was !== null && states.includes('foreign')) return { state: 'foreign', saw: stand }
    const state = states.every((one) => one === 'new') ? 'done' : states.includes('new') ? 'partial' : 'absent'
    return { state, saw: stand, ...(state === 'done' ? { gives: { kept: keptOf(moves, ids, run) } } : {}) }
  },

  'docker.retag-back': async ({ moves, run, was }: Retag, io: Io) => {
    const ids = was?.ids ?? {}
    for (const [image, stands] of Object.entries(await idsOf(moves, io))) {
      const ours = moves.find((move) => move.image === image)?.id ?? null
      const old = ids[image] ?? null
      if (stands !== ours && stands !== old)
        throw held(`${image} was moved by somebody else`, `it is ${stands?.slice(0, 12) ?? 'gone'} now`, [
          `Look at it: docker image inspect ${image}`,
        ])
      if (stands !== old) await (old === null ? untag(io, image) : tag(io, old, image))
      if (old !== null) await untag(io, beforeOf(image, run))
    }
    return {}
  },

  'docker.forget': async ({ name, moves, run }: Omit<Retag, 'was'>, io: Io) => {
    for (const { image, from, id } of moves) {
      if (from === null) continue
      const stands = await idOf(io, from)
      if (stands === null) continue
      if (from !== beforeOf(image, run) || stands !== id)
        throw new StepFailed(name, `${from} is not what ${run} kept of ${image}, and is left as it is`)
      await untag(io, from)
    }
    return {}
  },

  'docker.forgotten': async ({ moves }: Pick<Retag, 'moves'>, io: Io) => {
    const names = moves.flatMap(({ from }) => (from === null ? [] : [from]))
    const stand = await Promise.all(names.map(async (one) => idOf(io, one)))
    return { state: stand.every((one) => one === null) ? 'done' : 'absent', saw: null }
  },
} satisfies CallRegistry

function keptOf(moves: readonly Move[], ids: Ids, run: string): Move[] {
  return moves.map(({ image }) => {
    const id = ids[image] ?? null
    return { image, from: id === null ? null : beforeOf(image, run), id }
  })
}

async function idsOf(moves: readonly Move[], io: Io): Promise<Ids> {
  const found = await Promise.all(moves.map(async ({ image }) => [image, await idOf(io, image)] as const))
  return Object.fromEntries(found)
}

async function idOf(io: Io, image: string): Promise<string | null> {
  return (await inspect(io, image))?.id ?? null
}

import { held } from '../core/failure.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import { inspect, tag, untag } from '../sources/docker/engine.ts'

/** An image of the engine, and the name of its own that a bundle gives it. */
type Retag = { image: string; to: string }

/** A bundle's image: it gets one more name, and keeps those it has. */
export const bundleImageCalls = {
  'bundle.image': async ({ image, to }: Retag, io: Io) => {
    const found = await inspect(io, image)
    if (found === null)
      throw held(`There is no image ${image} here`, 'nothing was bundled', [`Build or pull it: docker pull ${image}`])
    const there = await inspect(io, to)
    if (there !== null && there.id !== found.id)
      throw held(`${to} is another image already`, `it is ${there.id.slice(0, 12)}, not ${found.id.slice(0, 12)}`, [
        `Look at it: docker image inspect ${to}`,
      ])
    if (there === null) await tag(io, found.id, to)
    return { id: `sha256:${found.id}` }
  },

  /** Whether the new name was there before: then it is not ours to take away. */
  'bundle.image-look': async ({ to }: Pick<Retag, 'to'>, io: Io) => ({ there: (await inspect(io, to)) !== null }),

  'bundle.image-probe': async ({ image, to }: Retag, io: Io) => {
    const [found, there] = [await inspect(io, image), await inspect(io, to)]
    if (there === null) return { state: 'absent', saw: null }
    if (there.id !== found?.id) return { state: 'foreign', saw: there.id }
    return { state: 'done', saw: there.id, gives: { id: `sha256:${there.id}` } }
  },

  'bundle.image-back': async ({ to, was }: { to: string; was: { there: boolean } | null }, io: Io) => {
    if (was?.there !== true) await untag(io, to)
    return {}
  },
} satisfies CallRegistry

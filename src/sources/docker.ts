import { join } from 'node:path'
import { z } from 'zod'
import { messageOf } from '../core/failure.ts'
import { known } from '../core/known.ts'
import type { Check, Detected, Place, Source } from '../core/plug-in.ts'
import { shellWord } from '../core/shell.ts'
import { call, step } from '../core/step.ts'
import { now } from '../world/clock.ts'
import { readText } from '../world/files.ts'
import { captureStep } from './captured.ts'
import { dockerCalls } from './docker/calls.ts'
import { builtImages, COMPOSE_FILES } from './docker/compose.ts'
import { ask, engine, engineFix, inspect, loadLine } from './docker/engine.ts'
import { archiveOf, besideOf, IMAGE, imageNamedBy, LIST, taggedAs } from './docker/names.ts'
import type { Move } from './docker/retag.ts'
import { forgetStep, restoreSteps, retagStep } from './docker/steps.ts'

const image = z
  .string()
  .max(255)
  .regex(IMAGE, { error: 'is the name of an image, such as mosaic-api or mosaic-api:v1' })

const options = z.strictObject({
  images: z
    .array(image)
    .min(1)
    .refine((images) => new Set(images.map(archiveOf)).size === images.length, { error: 'names an image twice' })
    .describe('The images, by the names they run under.'),
  compose: z
    .string()
    .regex(/^(?![-/~])(?!.*(?:^|\/)\.\.(?:\/|$))[^\\\p{Cc}]+$/u, { error: 'is a path inside the repository' })
    .optional()
    .describe('The compose file that builds them; doctor says when it builds one that is not named.'),
  tag: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/, { error: 'is a tag of images, such as immaculate-empty' })
    .optional()
    .describe('Save the images of this tag, under the names the others run under.'),
  idle: z.int().positive().default(600).describe('Seconds without a byte until the engine is given up.'),
})

type Options = z.infer<typeof options>

/**
 * Images of a container engine: Docker, or what DOCKER names (podman). They are saved by id, so that no archive of ours
 * moves a name when it is loaded. A swap moves names only; the containers are started anew by `services`.
 */
export const docker: Source<Options> = {
  use: 'docker',
  says: 'Container images of Docker, or of podman where DOCKER names it.',
  holds: 'images',
  standsIn: 'images under names of their own',
  options,
  detect: async (repo) => {
    const found: Detected<Options>[] = []
    for (const compose of COMPOSE_FILES) {
      const text = await repo.read(compose)
      const { images, unsure } = builtImages(text ?? '')
      if (images.length > 0) found.push({ options: { images, compose, idle: 600 }, where: compose, unsure })
      else if (unsure.length > 0)
        found.push({
          options: { images: ['name-of-the-image'], compose, idle: 600 },
          where: compose,
          unsure,
          unready: true,
        })
    }
    return found.slice(0, 1)
  },
  doctor: async (o, place) => {
    const io = looking(place)
    try {
      await ask(io, 'image', 'ls', '--quiet')
    } catch (error) {
      const says = messageOf(error)
      return [{ id: 'docker.engine', ok: false, says, fix: engineFix(says) }]
    }
    const checks: Check[] = [{ id: 'docker.engine', ok: true, says: `${engine()} answers`, fix: '' }]
    return [...checks, ...(await Promise.all(o.images.map((one) => imageCheck(io, one)))), ...(await unnamed(o, place))]
  },
  observe: async (o) => ({ schema: known(null, now().toISOString()), detail: { images: o.images } }),
  calls: dockerCalls,
  capture: (o, context) => {
    const { images, tag = null, idle } = o
    const from = images.map((one) => (tag === null ? one : taggedAs(one, tag)))
    const files = images.map((one) => join(context.stage, archiveOf(one)))
    return captureStep('docker', context, {
      title: context.name,
      detail: from.join(', '),
      paths: [...images.map(archiveOf), LIST],
      input: { images, tag, idleMs: idle * 1000 },
      says: `save ${from.join(', ')}, packed, and read each back to its last layer`,
      byHand: from.map((one, index) => [engine(), 'save', '--output', (files[index] ?? '').replace(/\.gz$/, ''), one]),
    })
  },
  readable: (o, { id, part, file }) => {
    const input = { path: part.path, file, counts: part.counts ?? null, idleMs: o.idle * 1000 }
    const read = part.path.endsWith(LIST)
      ? call('docker.readable', input, `read ${part.path}`, [['cat', file]])
      : call('docker.readable', input, `read ${part.path} to its last layer, and let the engine load it`, [
          ['sh', '-c', `gzip -dcf ${shellWord(file)} | ${shellWord(engine())} load`],
        ])
    return step(id, part.path, [read], { gives: ['counts'], stop: 'anytime' })
  },
  reach: () => call('docker.reach', {}, `ask whether ${engine()} answers`, [[engine(), 'version']]),
  restore: (o, context) => restoreSteps((path) => imageAt(o, path), context, o.idle * 1000),
  back: (_, { id, name, run, kept }) => {
    const moves = (kept as Move[] | null) ?? []
    return retagStep(id, `Put ${name} back`, { name, run, moves }, moves)
  },
  forget: (_, { id, name, run, kept }) => forgetStep(id, name, run, (kept as Move[] | null) ?? []),
  manual: (o, part) => {
    if (part.path.endsWith(LIST)) return []
    return [loadLine(part.path, besideOf(imageAt(o, part.path), 'restored'))]
  },
}

function imageAt(o: Options, path: string): string {
  return o.images.find((one) => path.endsWith(archiveOf(one))) ?? imageNamedBy(path)
}

function looking(place: Place) {
  return { run: '', signal: place.signal ?? new AbortController().signal, child: () => {} }
}

async function imageCheck(io: ReturnType<typeof looking>, name: string): Promise<Check> {
  const id = `docker.${name}`
  try {
    if ((await inspect(io, name)) !== null) return { id, ok: true, says: `${name} is there`, fix: '' }
    return {
      id,
      ok: false,
      says: `there is no image ${name}`,
      fix: `Build or pull it, or correct it in knowngood.yaml.`,
    }
  } catch (error) {
    return { id, ok: 'unknown', says: messageOf(error), fix: `Look at it: ${engine()} image inspect ${name}` }
  }
}

/** What the compose file builds and nobody saves. */
async function unnamed(o: Options, place: Place): Promise<Check[]> {
  if (o.compose === undefined) return []
  const text = await readText(join(place.root, o.compose))
  const id = `docker.${o.compose}`
  if (text === null)
    return [{ id, ok: false, says: `there is no ${o.compose}`, fix: 'Correct the path in knowngood.yaml.' }]
  return builtImages(text)
    .images.filter((one) => !o.images.includes(one) && !o.images.includes(one.replace(/:latest$/, '')))
    .map((one) => ({
      id: `${id}.${one}`,
      ok: false as const,
      says: `${o.compose} builds ${one}, and no backup takes it`,
      fix: `Add ${one} to the images in knowngood.yaml.`,
    }))
}

import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { writeGzip } from '../../archive/gzip-write.ts'
import type { Part } from '../../core/backup.ts'
import { messageOf, StepFailed } from '../../core/failure.ts'
import type { CallRegistry, Io } from '../../core/plan.ts'
import { readJson, temporaryBeside, writeNew } from '../../world/files.ts'
import { beginPart, captureCalls, finishPart, shrunk } from '../captured.ts'
import { mustHold } from '../counts.ts'
import { imageCalled, readImages } from './archive.ts'
import type { SavedImage } from './archive.ts'
import { ask, engineFix, inspect, load, save, tag, untag } from './engine.ts'
import type { Image } from './engine.ts'
import { archiveOf, besideOf, IMAGE, imageNamedBy, LIST, taggedAs } from './names.ts'
import { withoutNames } from './nameless.ts'
import { retagCalls } from './retag.ts'

/** One archive of a backup. `counts` are what was counted when it was made. */
export type Archive = { path: string; file: string; counts: Record<string, number> | null }

/** What is put beside: the archives, the list that says which image each is (null: others made them), and the run. */
export type Beside = { name: string; archives: Archive[]; list: string | null; run: string; idleMs: number }

type Capture = {
  stage: string
  name: string
  images: string[]
  tag: string | null
  idleMs: number
  last: Part[] | null
}
type Read = Archive & { idleMs: number }
type Listed = { image: string; path: string } & Image

/** What the steps of the docker source name. */
export const dockerCalls = {
  ...retagCalls,

  'docker.capture': async ({ stage, name, images, tag, idleMs, last }: Capture, io: Io) => {
    await sweep(join(stage, dirname(LIST)))
    const about = { source: name, use: 'docker' }
    const parts: Part[] = []
    const listed: Listed[] = []
    for (const image of images) {
      const from = tag === null ? image : taggedAs(image, tag)
      const found = await inspect(io, from)
      if (found === null) throw new StepFailed(name, `there is no image ${from} here; build or pull it`)
      const path = archiveOf(image)
      const layers = await saved(io, found, await beginPart(stage, path), idleMs)
      parts.push(await finishPart(io, stage, path, { ...about, counts: { layers } }))
      listed.push({ image, path, ...found })
    }
    const list = `${JSON.stringify({ schema: 1, images: listed }, null, 2)}\n`
    await writeNew(await beginPart(stage, LIST), list)
    parts.push(await finishPart(io, stage, LIST, about))
    return { parts, leftOut: [], doubts: parts.flatMap((part) => shrunk(part, last) ?? []) }
  },
  'docker.captured': captureCalls.captured,
  'docker.uncapture': captureCalls.uncapture,

  'docker.readable': async ({ path, file, counts, idleMs }: Read, io: Io) => {
    if (basename(path) === basename(LIST)) {
      await listIn(file)
      return { counts: {} }
    }
    const found = await readImages(io, file)
    const layers = found.reduce((sum, image) => sum + image.layers.length, 0)
    mustHold(path, counts ?? undefined, { layers })
    const [only] = found
    if (only?.tags.length === 0 && found.length === 1) await loadAndForget(io, only.id, file, idleMs)
    return { counts: { layers } }
  },

  'docker.reach': async (_: object, io: Io) => {
    try {
      await ask(io, 'image', 'ls', '--quiet')
    } catch (error) {
      if (io.signal.aborted) throw error
      throw new StepFailed('docker', `${messageOf(error)} ${engineFix(messageOf(error))}`)
    }
    return {}
  },

  'docker.beside': async (input: Beside, io: Io) => {
    await rememberThere(input, io)
    const place = []
    const counts: Record<string, number> = {}
    for (const { image, file, ...wanted } of await named(input)) {
      const found = imageCalled(await readImages(io, file), image)
      mustHold(image, wanted.counts ?? undefined, { layers: found.layers.length })
      const id = await loaded(io, file, found, input.idleMs)
      const beside = besideOf(image, input.run)
      await tag(io, id, beside)
      const stands = await inspect(io, beside)
      if (stands === null || stands.layers.join() !== (wanted.layers ?? found.layers).join())
        throw new StepFailed(input.name, `what was loaded is not the image ${image} of the backup`)
      io.line(`${beside} is ${stands.id.slice(0, 12)}`)
      place.push({ image, from: beside, id: stands.id })
      counts[image] = stands.layers.length
    }
    return { counts, place }
  },

  'docker.beside-probe': async (input: Beside, io: Io) => {
    const place = []
    const counts: Record<string, number> = {}
    const items = await named(input)
    for (const { image } of items) {
      const from = besideOf(image, input.run)
      const stands = await inspect(io, from)
      if (stands === null) continue
      place.push({ image, from, id: stands.id })
      counts[image] = stands.layers.length
    }
    if (place.length < items.length) return { state: place.length === 0 ? 'absent' : 'partial', saw: counts }
    return { state: 'done', saw: counts, gives: { counts, place } }
  },

  'docker.drop': async (input: Beside, io: Io) => {
    for (const name of await ours(input, io)) await untag(io, name)
    return {}
  },

  'docker.drop-probe': async (input: Beside, io: Io) => {
    return { state: (await ours(input, io)).length > 0 ? 'absent' : 'done', saw: null }
  },
} satisfies CallRegistry

/** Writes down, before anything is loaded, which of the images are here already: those are somebody's, and stay. */
async function rememberThere(input: Beside, io: Io): Promise<void> {
  const there: string[] = []
  for (const { id } of await named(input)) {
    const found = id === null ? null : await inspect(io, id)
    if (found !== null) there.push(found.id)
  }
  // Of two attempts the first knows what was there before.
  await writeNew(thereAt(input, io), JSON.stringify(there))
}

function thereAt({ name }: Beside, io: Io): string {
  return join(io.dir, `${name}-images.json`)
}

/** The names to take away: not the last one of an image that was there before, which would go with it. */
async function ours(input: Beside, io: Io): Promise<string[]> {
  const names: string[] = []
  const there = ((await readJson(thereAt(input, io))) ?? []) as string[]
  for (const { image } of await named(input)) {
    const name = besideOf(image, input.run)
    const stands = await inspect(io, name)
    if (stands === null) continue
    if (stands.tags.length > 1 || !there.includes(stands.id)) names.push(name)
    else io.line(`${name} stays: it is the only name of an image that was here before`)
  }
  return names
}

/** Saves an image packed, and reads what was written back to its last layer; gives how many it has. */
async function saved(io: Io, image: Image, file: string, idleMs: number): Promise<number> {
  const sink = await writeGzip(file, { signal: io.signal })
  let done = 0
  try {
    await save(io, image.id, idleMs, async (chunk) => {
      await sink.write(chunk)
      io.bytes((done += chunk.length), null)
    })
    await sink.close()
  } finally {
    await sink.abort()
  }
  const [found] = await readImages(io, file)
  if (found?.layers.join() === image.layers.join()) return found.layers.length
  throw new StepFailed('docker', `what was saved is not the image ${image.id.slice(0, 12)}`)
}

/** Loads an archive without moving any name. */
async function loaded(io: Io, file: string, { id, tags }: SavedImage, idleMs: number): Promise<string> {
  if (tags.length === 0) return await load(io, file, id, idleMs)
  const nameless = temporaryBeside(join(io.dir, 'image.tar'))
  try {
    await withoutNames(io, file, nameless)
    return await load(io, nameless, id, idleMs)
  } finally {
    await rm(nameless, { force: true })
  }
}

/** The engine's own word, where one answers: an image it lacks is loaded without a name, and taken out again. */
async function loadAndForget(io: Io, id: string, file: string, idleMs: number): Promise<void> {
  try {
    await ask(io, 'image', 'ls', '--quiet')
  } catch (error) {
    if (io.signal.aborted) throw error
    return io.line(`no engine answers, so only the archive was read: ${messageOf(error)}`)
  }
  if ((await inspect(io, id)) !== null) return
  const found = await load(io, file, id, idleMs)
  await ask(io, 'rmi', found)
}

/** Every archive with its image: as the backup's own list says, else as the file is called. */
async function named({ archives, list }: Beside) {
  const listed = list === null ? [] : await listIn(list)
  return archives.map(({ path, file, counts }) => {
    const known = listed.find((one) => basename(one.path) === basename(path))
    const image = known?.image ?? imageNamedBy(path)
    if (!IMAGE.test(image)) throw new StepFailed('docker', `${path} is not called by the name of an image`)
    return { image, file, counts, id: known?.id ?? null, layers: known?.layers ?? null }
  })
}

async function listIn(file: string): Promise<Listed[]> {
  const found = (await readJson(file)) as { images?: Listed[] } | null
  const images = found?.images
  const sound = Array.isArray(images) && images.every((one) => IMAGE.test(one.image) && Array.isArray(one.layers))
  if (!sound) throw new StepFailed('docker', `${file} is not a list of images`)
  return images
}

/** What an attempt that was killed left of a gzip; the stage is this run's alone. */
async function sweep(folder: string): Promise<void> {
  for (const file of await readdir(folder).catch(() => []))
    if (file.startsWith('.knowngood-')) await rm(join(folder, file), { force: true })
}

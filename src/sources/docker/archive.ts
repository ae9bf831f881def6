import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { gunzipped } from '../../archive/gzip-file.ts'
import { tarMembers } from '../../archive/tar-stream.ts'
import { messageOf, StepFailed } from '../../core/failure.ts'
import type { Io } from '../../core/plan.ts'
import { goesBy } from './names.ts'

/** An image in an archive. `id` is the digest of its configuration, bare hex; `layers` those of its file systems. */
export type SavedImage = { id: string; layers: string[]; tags: string[] }

/** Descriptions are small; what is larger is a layer. */
const SMALL = 1 << 20
const MOST_KEPT = 64 << 20

type Contents = { hashes: Map<string, string>; kept: Map<string, Buffer>; links: Map<string, string> }

/**
 * Reads an archive of images to its end and proves it by itself: each configuration has the digest it is called by, and every
 * layer the digest the configuration gives it. Throws a StepFailed when anything is missing, cut or altered.
 */
export async function readImages(io: Pick<Io, 'signal' | 'bytes'>, file: string): Promise<SavedImage[]> {
  try {
    const contents = await contentsOf(io, file)
    const manifest = parsed(contents.kept.get('manifest.json'), 'manifest.json')
    if (!Array.isArray(manifest) || manifest.length === 0) throw new Error('it holds no image')
    return manifest.map((one) => imageIn(fields(one), contents))
  } catch (error) {
    if (io.signal.aborted) throw error
    throw new StepFailed('docker', `${posix.basename(file)} does not open as an image: ${messageOf(error)}`)
  }
}

async function contentsOf(io: Pick<Io, 'signal' | 'bytes'>, file: string): Promise<Contents> {
  const contents: Contents = { hashes: new Map(), kept: new Map(), links: new Map() }
  let room = MOST_KEPT
  const onBytes = (done: number, total: number) => io.bytes(done, total)
  for await (const { entry, content } of tarMembers(gunzipped(file, { onBytes, signal: io.signal, plainToo: true }))) {
    const name = entry.name.toString('utf8')
    if (entry.kind === 'link') contents.links.set(name, posix.join(posix.dirname(name), entry.link ?? ''))
    if (entry.kind !== 'file') continue
    const hash = createHash('sha256')
    const chunks: Buffer[] = []
    const keep = entry.size <= SMALL && (room -= entry.size) >= 0
    for await (const chunk of content) {
      hash.update(chunk)
      if (keep) chunks.push(Buffer.from(chunk))
    }
    contents.hashes.set(name, hash.digest('hex'))
    if (keep) contents.kept.set(name, Buffer.concat(chunks))
  }
  return contents
}

/** The image of an archive that goes by a name: `docker save NAME` takes every tag of NAME along. */
export function imageCalled(images: readonly SavedImage[], name: string): SavedImage {
  const [only, ...more] = images
  const found = more.length === 0 ? only : images.find(({ tags }) => tags.some((one) => goesBy(one, name)))
  if (found === undefined)
    throw new StepFailed('docker', `the archive holds ${images.length} images, and none is ${name}`)
  return found
}

function imageIn(manifest: Record<string, unknown>, { hashes, kept, links }: Contents): SavedImage {
  const { Config: config, Layers: layers, RepoTags: tags } = manifest
  if (typeof config !== 'string' || !isTexts(layers)) throw new Error('its manifest names no configuration or layers')
  const id = hashes.get(config)
  if (id === undefined) throw new Error('its configuration is missing')
  if (posix.basename(config, '.json') !== id) throw new Error('its configuration was altered')
  const wanted = fields(fields(parsed(kept.get(config), 'its configuration'))['rootfs'])['diff_ids']
  if (!isTexts(wanted) || wanted.length !== layers.length)
    throw new Error('its layers are not those of its configuration')
  for (const [index, layer] of layers.entries()) {
    const found = hashes.get(links.get(layer) ?? layer)
    if (found === undefined) throw new Error(`its layer ${index + 1} is missing`)
    // Some engines keep layers packed, under the digest of the packed bytes.
    if (`sha256:${found}` !== wanted[index] && posix.basename(layer) !== found)
      throw new Error(`its layer ${index + 1} was altered`)
  }
  return { id, layers: wanted, tags: isTexts(tags) ? tags : [] }
}

function parsed(bytes: Buffer | undefined, what: string): unknown {
  if (bytes === undefined) throw new Error(`${what} is missing`)
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new Error(`${what} is no JSON`)
  }
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

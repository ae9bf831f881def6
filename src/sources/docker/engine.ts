import { pipeline } from 'node:stream/promises'
import { gunzipped } from '../../archive/gzip-file.ts'
import { messageOf, reasonOf, StepFailed } from '../../core/failure.ts'
import type { Io } from '../../core/plan.ts'
import { shellWord } from '../../core/shell.ts'
import { converse, execute } from '../../world/exec.ts'
import { RUN_VARIABLE } from '../../world/orphans.ts'
import { goesBy } from './names.ts'

/** An image as the engine has it. `id` is bare hex; `layers` are the digests of its file systems, in order. */
export type Image = { id: string; layers: string[]; tags: string[] }

/** A question is answered within this, or the engine hangs. */
const ASK_MS = 60_000
const LONG_MS = 6 * 3_600_000

/** The engine's program: `docker`, or what DOCKER names. */
export function engine(): string {
  return process.env['DOCKER'] || 'docker'
}

/** Asks the engine something short and gives the lines it answers. Throws a StepFailed, with what it said, when it refuses. */
export async function ask(io: Pick<Io, 'run' | 'signal' | 'child'>, ...words: string[]): Promise<string[]> {
  const bounds = { idleMs: ASK_MS, timeoutMs: ASK_MS, signal: io.signal, onChild: io.child }
  try {
    return (await execute({ argv: [engine(), ...words], env: { [RUN_VARIABLE]: io.run }, ...bounds })).out
  } catch (error) {
    if (!(error instanceof StepFailed) || io.signal.aborted) throw error
    throw new StepFailed('docker', reasonOf(error), error.output)
  }
}

/** What to do about an engine that does not answer, by what it said. */
export function engineFix(said: string): string {
  const look = `${engine()} image ls`
  if (/was not found|may not be executed/.test(said))
    return `Install ${engine()}, or name another engine: DOCKER=podman.`
  if (!/(?:^|\/)docker$/.test(engine())) return `Look at it: ${look}`
  if (/permission denied/i.test(said))
    return `Let yourself use it: sudo usermod -aG docker "$USER", then sign in again; ${look} shows it.`
  if (/cannot connect|connection refused|no such file/i.test(said))
    return 'Start it: sudo systemctl start docker, or Docker Desktop; where it listens elsewhere, set DOCKER_HOST.'
  return `Look at it: ${look}`
}

/**
 * The image behind a name or an id; null when the engine has none. Three fields and no more: the rest of what `inspect`
 * prints holds the variables an image was built with.
 */
export async function inspect(io: Pick<Io, 'run' | 'signal' | 'child'>, image: string): Promise<Image | null> {
  // Podman knows `.Id` by that very spelling only.
  const format = '{"id":"{{.Id}}","layers":{{json .RootFS.Layers}},"tags":{{json .RepoTags}}}'
  try {
    const [line = ''] = await ask(io, 'image', 'inspect', '--format', format, '--', image)
    const found = JSON.parse(line) as { id: string; layers: string[] | null; tags: string[] | null }
    return { id: bare(found.id), layers: found.layers ?? [], tags: found.tags ?? [] }
  } catch (error) {
    const said = error instanceof StepFailed ? [messageOf(error), ...error.output].join('\n') : ''
    if (/no such image|image not known|not found: |unable to find/i.test(said)) return null
    throw error
  }
}

/** Writes an image as the engine exports it. By its id: an archive that names tags would move them wherever it is loaded. */
export async function save(
  io: Io,
  id: string,
  idleMs: number,
  onData: (chunk: Buffer) => Promise<void>,
): Promise<void> {
  const argv = [engine(), 'save', id]
  const env = { [RUN_VARIABLE]: io.run }
  await execute({ argv, env, idleMs, timeoutMs: LONG_MS, signal: io.signal, onChild: io.child, onData })
}

/**
 * Loads an archive that names no tags and gives the image's id: `wanted`, or the engine's own word for it. It is unpacked
 * here: podman does not open every gzip.
 */
export async function load(io: Io, file: string, wanted: string, idleMs: number): Promise<string> {
  const argv = [engine(), 'load', '--quiet']
  const bounds = { idleMs, timeoutMs: LONG_MS, signal: io.signal, onChild: io.child }
  const out: string[] = []
  const onLine = (_: string, text: string) => void out.push(text)
  const child = await converse({ argv, env: { [RUN_VARIABLE]: io.run }, ...bounds, onLine })
  if (child.stdin === null) throw new Error(`${engine()} has no stdin`)
  child.stdout?.on('data', (chunk: Buffer) => void out.push(chunk.toString('utf8')))
  const content = gunzipped(file, { signal: io.signal, plainToo: true })
  const [ended, fed] = await Promise.allSettled([child.ended, pipeline(content, child.stdin)])
  if (ended.status === 'rejected') throw ended.reason
  if (fed.status === 'rejected') throw fed.reason
  const ids: string[] = out.join('').match(/\b[0-9a-f]{64}\b/g) ?? []
  const [id] = ids.includes(wanted) ? [wanted] : ids
  if (id === undefined) throw new StepFailed('docker', 'the engine loaded the image and did not say which', out)
  return id
}

/** The line of a shell that loads an archive, packed or not, and gives it a name. */
export function loadLine(file: string, name: string): string {
  const program = shellWord(engine())
  const id = `"$(gzip -dcf ${shellWord(file)} | ${program} load -q | grep -oE '[0-9a-f]{64}')"`
  return `${program} tag ${id} ${shellWord(name)}`
}

/** Points a name at an image: one change, there or not there. */
export async function tag(io: Io, image: string, name: string): Promise<void> {
  const stands = await inspect(io, name)
  await ask(io, 'tag', image, stands?.tags.find((one) => goesBy(one, name)) ?? name)
}

/** Takes a name away, and its image with it where that was the last name. Not there is fine. */
export async function untag(io: Io, name: string): Promise<void> {
  if ((await inspect(io, name)) !== null) await ask(io, 'rmi', name)
}

function bare(id: string): string {
  return id.replace(/^sha256:/, '')
}

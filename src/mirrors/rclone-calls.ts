import { createHash } from 'node:crypto'
import { messageOf, StepFailed } from '../core/failure.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import type { MirrorCopy, MirrorHeld } from '../core/plug-in.ts'
import { CARD, cardOf, readCard } from './card.ts'
import { runMirrorChild } from './child.ts'
import type { RcloneOptions } from './rclone.ts'

type Put = { options: RcloneOptions; copy: MirrorCopy }
type Held = { options: RcloneOptions; held: MirrorHeld }

/** A transfer that says nothing for this long is hung; rclone prints a line of statistics twice a minute. */
const LIMITS = { idleMs: 120_000, timeoutMs: 0 }
const CHATTY = ['--stats', '30s', '--stats-one-line', '--stats-log-level', 'NOTICE']

export const rcloneCalls = {
  'rclone.put': async ({ options, copy }: Put, io: Io) => {
    const at = `${options.to}/${copy.folder}`
    const standing = await card(at, io.signal)
    if (standing?.digest === copy.digest) return { bytes: 0 }
    if (standing !== null)
      throw new StepFailed('mirror', `${at} holds another backup of that name; it is left as it is`)
    const bytes = copy.files.reduce((sum, file) => sum + file.bytes, 0)
    let done = 0
    for (const { path, file, sha256, bytes: size } of copy.files) {
      const to = `${at}/${path}`
      const found = await hashAt(to, io).catch(() => null)
      // What arrived whole before is kept. A remote may call a cut or altered file of the same size unchanged: then again.
      if (found !== sha256) {
        const again = found === null ? [] : ['--ignore-times']
        await run(['copyto', ...again, ...CHATTY, '--', file, to], io)
        const read = await hashAt(to, io)
        if (read !== sha256)
          throw new StepFailed('mirror', `${path} did not arrive as it was recorded: its SHA-256 there is ${read}`)
      }
      io.bytes((done += size), bytes)
    }
    await runMirrorChild({
      argv: ['rclone', 'rcat', '--', `${at}/${CARD}`],
      stdin: cardOf(copy),
      ...LIMITS,
      signal: io.signal,
    })
    return { bytes }
  },

  'rclone.check': async ({ options, held }: Held, io: Io) => {
    let done = 0
    for (const { path, bytes, sha256 } of held.files) {
      const found = await hashAt(`${options.to}/${held.folder}/${path}`, io).catch((error: unknown) => {
        throw new StepFailed('mirror', `${path} of ${held.id} cannot be read back: ${messageOf(error)}`)
      })
      if (found !== sha256)
        throw new StepFailed('mirror', `${path} of ${held.id} has changed there: its SHA-256 is ${found}`)
      io.bytes((done += bytes), null)
    }
    return { bytes: done }
  },

  'rclone.drop': async ({ options, held }: Held, io: Io) => {
    const at = `${options.to}/${held.folder}`
    const standing = await card(at, io.signal)
    if (standing === null || standing.digest !== held.digest) return { removed: [] }
    // The card last: until then another attempt still knows what is ours.
    for (const path of [...held.files.map((file) => file.path), CARD]) {
      await run(['deletefile', '--', `${at}/${path}`], io, [0, 3, 4])
    }
    return { removed: [held.folder] }
  },
} satisfies CallRegistry

async function run(args: string[], io: Io, okCodes: number[] = [0]): Promise<void> {
  await runMirrorChild({
    argv: ['rclone', ...args],
    ...LIMITS,
    okCodes,
    signal: io.signal,
    onLine: (_, line) => io.line(line),
    onChild: (pid) => io.child(pid),
  })
}

/** What a reading command of rclone prints, whole. */
export async function rcloneText(args: string[], signal?: AbortSignal, okCodes: number[] = [0]): Promise<string> {
  const chunks: Buffer[] = []
  const onData = async (chunk: Buffer): Promise<void> => void chunks.push(chunk)
  await runMirrorChild({ argv: ['rclone', ...args], idleMs: 60_000, timeoutMs: 300_000, okCodes, signal, onData })
  return Buffer.concat(chunks).toString('utf8')
}

/** SHA-256 of the bytes the remote gives back: `check` by size, or by a remote's own checksums, passes altered files. */
async function hashAt(path: string, io: Io): Promise<string> {
  const hash = createHash('sha256')
  const onData = async (chunk: Buffer): Promise<void> => void hash.update(chunk)
  await runMirrorChild({
    argv: ['rclone', 'cat', '--', path],
    ...LIMITS,
    signal: io.signal,
    onData,
    onChild: (pid) => io.child(pid),
  })
  return hash.digest('hex')
}

async function card(at: string, signal: AbortSignal): Promise<MirrorHeld | null> {
  return readCard(await rcloneText(['cat', '--', `${at}/${CARD}`], signal, [0, 3, 4]))
}

/** Every whole copy below, by its card; none where nothing was ever put. */
export async function heldAt(to: string, below: string, signal?: AbortSignal): Promise<MirrorHeld[]> {
  const text = await rcloneText(['cat', '--include', `/*/*/${CARD}`, '--', `${to}/${below}`], signal, [0, 3])
  return text.split('\n').flatMap((line) => {
    const held = readCard(line)
    return held !== null && held.folder === `${below}/${held.kind}/${held.id}` ? [held] : []
  })
}

/** Bytes free there, for remotes that tell. */
export async function roomAt(to: string, signal?: AbortSignal): Promise<number | null> {
  const text = await rcloneText(['about', '--json', '--', `${to.slice(0, to.indexOf(':'))}:`], signal).catch(() => '{}')
  try {
    const { free } = JSON.parse(text) as { free?: unknown }
    return typeof free === 'number' ? free : null
  } catch {
    return null
  }
}

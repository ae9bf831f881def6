import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { KINDS } from '../core/kinds.ts'
import { StepFailed } from '../core/failure.ts'
import type { BackupKind } from '../core/backup.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import type { MirrorCopy, MirrorHeld } from '../core/plug-in.ts'
import type { ExecSpec } from '../world/exec.ts'
import { writeWhole } from '../world/files.ts'
import { secretValue } from '../world/secrets.ts'
import { CARD, cardOf, readCard } from './card.ts'
import { isLocked, runMirrorChild } from './child.ts'
import type { ResticOptions } from './restic.ts'

type Put = { options: ResticOptions; copy: MirrorCopy }
type Held = { options: ResticOptions; held: MirrorHeld }
type Snapshot = { id: string; tags: string[]; paths: string[] }

const LIMITS = { idleMs: 600_000, timeoutMs: 0 }

export const resticCalls = {
  'restic.put': async ({ options, copy }: Put, io: Io) => {
    if ((await snapshotOf(options, copy, io.signal)) !== null) return { bytes: 0 }
    const bytes = copy.files.reduce((sum, file) => sum + file.bytes, 0)
    // The list of hashes goes along as a file, so that the copy can be read back without this machine.
    const card = join(io.dir, `${copy.id}${CARD}`)
    await writeWhole(card, cardOf(copy))
    const list = join(io.dir, `${copy.id}.files`)
    await writeWhole(list, [card, ...copy.files.map(({ file }) => file)].map((path) => `${path}\0`).join(''))
    const tags = tagsOf(copy).flatMap((tag) => ['--tag', tag])
    // Exit 3 says that something could not be read: a snapshot without it is none.
    await runMirrorChild({
      ...spec(options, ['backup', '--json', '--files-from-raw', list, ...tags]),
      signal: io.signal,
      onLine: (from, line) => progress(io, line, bytes, from),
      onChild: (pid) => io.child(pid),
    })
    await readBack({ options, held: copy }, io)
    return { bytes }
  },

  'restic.check': async (input: Held, io: Io) => ({ bytes: await readBack(input, io) }),

  /** Forgets one snapshot by its id; the repository's own `prune` is the team's to run. */
  'restic.drop': async ({ options, held }: Held, io: Io) => {
    const snapshot = await snapshotOf(options, held, io.signal)
    if (snapshot === null) return { removed: [] }
    const child = (...words: string[]) =>
      runMirrorChild({ ...spec(options, words), signal: io.signal, onLine: (_, line) => io.line(line) })
    await child('forget', snapshot.id).catch(async (error: unknown) => {
      if (!isLocked(error)) throw error
      // A copy that was ended leaves its lock behind; this takes away those of processes that are gone, and no others.
      await child('unlock')
      await child('forget', snapshot.id)
    })
    return { removed: [held.folder] }
  },
} satisfies CallRegistry

async function readBack({ options, held }: Held, io: Io): Promise<number> {
  const snapshot = await snapshotOf(options, held, io.signal)
  if (snapshot === null) throw new StepFailed('mirror', `${held.id} is not in the repository any more`)
  const cardPath = snapshot.paths.find((path) => path.endsWith(`${held.id}${CARD}`))
  const card = cardPath === undefined ? null : readCard(await dumpText(options, snapshot.id, cardPath, io))
  if (card === null)
    throw new StepFailed('mirror', `the snapshot ${snapshot.id} of ${held.id} carries no list of hashes`)
  let done = 0
  for (const { path, bytes, sha256 } of card.files) {
    const inside = snapshot.paths.find((each) => each === path || each.endsWith(`/${path}`))
    if (inside === undefined) throw new StepFailed('mirror', `${path} of ${held.id} is not in its snapshot`)
    const hash = createHash('sha256')
    await dump(options, snapshot.id, inside, io, (chunk) => void hash.update(chunk))
    const found = hash.digest('hex')
    if (found !== sha256)
      throw new StepFailed('mirror', `${path} of ${held.id} has changed there: its SHA-256 is ${found}`)
    io.bytes((done += bytes), null)
  }
  return done
}

/** The copies below, as the snapshots' tags tell; their files are read from the snapshot when it is checked. */
export async function heldIn(options: ResticOptions, below: string, signal?: AbortSignal): Promise<MirrorHeld[]> {
  return (await snapshots(options, [], signal)).flatMap(({ tags }) => {
    const word = (name: string) => tags.find((tag) => tag.startsWith(`${name}=`))?.slice(name.length + 1) ?? ''
    const [id, kind, at, digest, folder] = [word('id'), word('kind'), word('at'), word('digest'), word('folder')]
    if (!Object.hasOwn(KINDS, kind) || !folder.startsWith(`${below}/`)) return []
    return [{ id, kind: kind as BackupKind, at, digest, folder, files: [] }]
  })
}

function tagsOf({
  id,
  kind,
  at,
  digest,
  folder,
}: Pick<MirrorCopy, 'id' | 'kind' | 'at' | 'digest' | 'folder'>): string[] {
  const tags = ['knowngood', `id=${id}`, `kind=${kind}`, `at=${at}`, `digest=${digest}`, `folder=${folder}`]
  const bad = tags.find((tag) => tag.includes(','))
  if (bad !== undefined) throw new StepFailed('mirror', `${bad} holds a comma, which divides tags in restic`)
  return tags
}

async function snapshotOf(
  options: ResticOptions,
  { digest, folder }: Pick<MirrorCopy, 'digest' | 'folder'>,
  signal: AbortSignal,
): Promise<Snapshot | null> {
  return (await snapshots(options, [`digest=${digest}`, `folder=${folder}`], signal))[0] ?? null
}

async function snapshots(options: ResticOptions, tags: readonly string[], signal?: AbortSignal): Promise<Snapshot[]> {
  const chunks: Buffer[] = []
  const onData = async (chunk: Buffer): Promise<void> => void chunks.push(chunk)
  const tagged = ['knowngood', ...tags].join(',')
  await runMirrorChild({
    ...spec(options, ['snapshots', '--json', '--tag', tagged]),
    timeoutMs: 300_000,
    signal,
    onData,
  })
  const found = JSON.parse(Buffer.concat(chunks).toString('utf8') || '[]') as Partial<Snapshot>[] | null
  return (found ?? []).map(({ id = '', tags: own, paths }) => ({ id, tags: own ?? [], paths: paths ?? [] }))
}

async function dump(
  options: ResticOptions,
  snapshot: string,
  path: string,
  io: Io,
  take: (chunk: Buffer) => void,
): Promise<void> {
  await runMirrorChild({
    ...spec(options, ['dump', snapshot, path]),
    signal: io.signal,
    onData: async (chunk) => take(chunk),
    onChild: (pid) => io.child(pid),
  })
}

async function dumpText(options: ResticOptions, snapshot: string, path: string, io: Io): Promise<string> {
  const chunks: Buffer[] = []
  await dump(options, snapshot, path, io, (chunk) => void chunks.push(chunk))
  return Buffer.concat(chunks).toString('utf8')
}

/** Repository and password by the environment only. */
function spec({ to, password }: ResticOptions, args: string[]): ExecSpec {
  const repository = /^\$\w+$/.test(to) ? secretValue(to.slice(1)) : to
  const env = { RESTIC_REPOSITORY: repository, RESTIC_PASSWORD: secretValue(password.slice(1)) }
  return { argv: ['restic', ...args], env, ...LIMITS }
}

/** restic's own status lines are numbers for the progress; anything else is for people. */
function progress(io: Io, line: string, total: number, from: 'out' | 'err'): void {
  try {
    const { message_type: type, bytes_done: done } = JSON.parse(line) as { message_type?: string; bytes_done?: number }
    if (type === 'status') io.bytes(Math.min(done ?? 0, total), total)
  } catch {
    if (from === 'err') io.line(line)
  }
}

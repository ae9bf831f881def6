import { relative, resolve } from 'node:path'
import { CHECKSUMS } from '../archive/checksum-list.ts'
import { hashFiles } from '../archive/hash-files.ts'
import type { BackupKind, ListedBackup } from '../core/backup.ts'
import { messageOf, StepFailed } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'
import { KINDS } from '../core/kinds.ts'
import { mirrorWork } from '../core/mirror-work.ts'
import { partFile } from '../core/part-file.ts'
import type { Call, CallRegistry, Io, Step } from '../core/plan.ts'
import type { Mirror, MirrorCopy } from '../core/plug-in.ts'
import type { Backups } from '../core/project.ts'
import { mirrorOf } from '../mirrors/registry.ts'
import { backupFiles } from '../records/backup-files.ts'
import { listBackups } from '../records/catalog.ts'
import { folderList } from '../records/folder-list.ts'
import { noteMirror } from '../records/mirror-log.ts'
import { now } from '../world/clock.ts'
import { readText } from '../world/files.ts'

type Listed = Pick<ListedBackup, 'id' | 'kind' | 'at' | 'digest' | 'path' | 'parts' | 'origin'>
type Note = { mirror: string; id: string; digest: string; what: 'put' | 'checked' | 'dropped' }
/** `below` is `<project>/<environment>`, under which the mirror keeps this project's copies. */
export type PushInput = {
  use: string
  to: string
  options: JsonRecord
  kinds: BackupKind[]
  latest: number
  below: string
  backups: Backups
}

export const mirrorCalls = {
  /** What is copied, file by file, hashed now: a backup that no longer is what was recorded is never copied. */
  'mirror.files': async ({ backup, folder }: { backup: Listed; folder: string }, io: Io) => ({
    copy: (await copyOf(backup, folder, io)) as unknown as JsonRecord,
  }),

  'mirror.note': async (note: Note, io: Io) => {
    await noteMirror(io.root, note)
    return {}
  },

  /** Its input says it all: a copy that was not made has given nothing. */
  'mirror.brought': async (_: { newer: number[] }) => ({}),

  /** Brings one mirror up to date with what is there now, this run's own backups included. */
  'mirror.push': async (input: PushInput, io: Io) => {
    const { use, to, kinds, latest, below, backups } = input
    const mirror = mirrorOf(use)
    if (mirror === undefined) throw new StepFailed('mirror', `there is no mirror ${use}`)
    const options = mirror.options.parse(input.options)
    const seen = await mirror.observe(options, {
      root: io.root,
      git: { remote: '', branch: '' },
      below,
      signal: io.signal,
    })
    if (!seen.ok) throw new StepFailed('mirror', `${to}: ${seen.because}`)
    const work = mirrorWork({ kinds, latest }, await listBackups(io.root, { backups }), seen.value.holds, now())
    const failed: string[] = []
    for (const backup of work.put) {
      io.signal.throwIfAborted()
      const { id, kind, digest } = backup
      const folder = `${below}/${kind}/${id}`
      try {
        const copy = await copyOf(backup, folder, io)
        await act(
          mirror,
          mirror.put(options, { id: `mirror.${id}`, copy, about: { id, folder, bytes: backup.bytes } }),
          io,
        )
        await noteMirror(io.root, { mirror: to, id, digest, what: 'put' })
        io.line(`copied ${id}`)
      } catch (error) {
        failed.push(`${id}: ${messageOf(error)}`)
      }
    }
    // What could not be brought there keeps the older ones there, too.
    if (failed.length > 0) throw new StepFailed('mirror', `${to}: ${failed.join('; ')}`)
    for (const held of work.drop) {
      await act(mirror, mirror.drop(options, { id: `mirror.${held.id}`, held }), io)
      await noteMirror(io.root, { mirror: to, id: held.id, digest: held.digest, what: 'dropped' })
      io.line(`removed the copy of ${held.id}`)
    }
    return { copied: work.put.map(({ id }) => id), removed: work.drop.map(({ id }) => id) }
  },
} satisfies CallRegistry

async function copyOf(backup: Listed, folder: string, io: Io): Promise<MirrorCopy> {
  const { id, kind, at, digest, path, parts } = backup
  const listed = await backupFiles(io.root, { kind, path, parts })
  if (listed.length === 0) throw new StepFailed('mirror', `${path} is gone`)
  const hashes = await hashFiles(
    io.root,
    listed.map(({ file }) => file),
    { signal: io.signal },
  )
  const recorded = await recordedOf(backup, io)
  for (const [file] of recorded)
    if (!hashes.has(file)) throw new StepFailed('mirror', `${relative(io.root, file)} is gone, and is not copied`)
  const files = listed.map(({ path: name, file }) => {
    const found = hashes.get(file)
    if (found === undefined) throw new StepFailed('mirror', `${file} vanished while it was read`)
    const expected = recorded.get(file) ?? ''
    if (expected !== '' && expected !== found.sha256) {
      throw new StepFailed(
        'mirror',
        `${name} is not what was recorded, and is not copied: its SHA-256 is ${found.sha256}`,
      )
    }
    return { path: name, file, ...found }
  })
  return { id, kind, at, digest, folder, files }
}

/** What is on record of a backup's files, absolute: of its parts, of what its folder's list names, and of that list or record itself. */
async function recordedOf({ kind, path, digest, parts, origin }: Listed, io: Io): Promise<Map<string, string>> {
  const found = new Map(parts.map((part) => [partFile(io.root, { kind, path }, part), part.sha256]))
  const { shape } = KINDS[kind]
  if (shape === 'archive') return found
  const speaks = shape === 'folder' ? resolve(io.root, path, CHECKSUMS) : resolve(io.root, path)
  const text = shape === 'folder' ? await readText(speaks) : null
  if (text !== null)
    for (const [name, sha256] of folderList(text, origin)) found.set(resolve(io.root, path, name), sha256)
  return text === null && shape === 'folder' ? found : found.set(speaks, digest)
}

/** The one call of a mirror's step, made at once. */
async function act(mirror: Mirror, step: Step, io: Io): Promise<void> {
  for (const action of step.actions.filter((one): one is Call => one.do === 'call')) {
    await mirror.calls[action.name]?.(action.input as never, io)
  }
}

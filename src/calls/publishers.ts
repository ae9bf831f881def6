import { join, resolve } from 'node:path'
import type { PublishInput } from '../core/backup-input.ts'
import { exportPaths } from '../core/backup-names.ts'
import type { BackupRecord } from '../core/backup.ts'
import { StepFailed } from '../core/failure.ts'
import { KINDS } from '../core/kinds.ts'
import type { ManifestSource } from '../core/manifest.ts'
import { manifest } from '../core/manifest.ts'
import type { Io } from '../core/plan.ts'
import type { Published } from '../records/published.ts'
import { publishArchive, publishBundle } from '../records/publish-archive.ts'
import { pointerText, publishExports } from '../records/publish-exports.ts'
import { publishFolder } from '../records/publish-folder.ts'
import { sourceOf } from '../sources/registry.ts'
import { publishOnDrive } from './publish-drive.ts'

/** Gives what is staged its n-th name in the layout of its kind; null when that name is taken. */
export type Publisher = (input: PublishInput, io: Io, record: BackupRecord, n: number) => Promise<Published | null>

export function publisherOf({ name: { kind } }: PublishInput): Publisher {
  if (kind === 'data') return publishOnDrive
  const { shape } = KINDS[kind]
  return shape === 'folder' ? folder : shape === 'exports' ? exports : archive
}

const folder: Publisher = async (input, io, record) => {
  const { stage, texts, of, name } = input
  const digest = await publishFolder({
    stage,
    final: resolve(io.root, record.path),
    record,
    texts,
    manifest: (files) => manifest(record, of, byHand(input, record), files),
    frozen: name.kind === 'baseline',
    signal: io.signal,
  })
  return digest === null ? null : published(record, digest)
}

const exports: Publisher = async ({ stage, draft, name }, io, record, n) => {
  const paths = exportPaths(name, n, record.parts)
  const digest = await publishExports(io.root, stage, { path: record.path, paths, parts: record.parts }, (parts) =>
    name.kind === 'full'
      ? pointerText(draft, { ...record, parts })
      : `${JSON.stringify({ ...record, parts }, null, 2)}\n`,
  )
  return digest === null ? null : published(record, digest, paths)
}

const archive: Publisher = async ({ stage, bundle }, io, record) => {
  const [part] = record.parts
  if (part === undefined) throw new StepFailed('backup', 'nothing was packed')
  const whole = { ...record, digest: part.sha256, parts: [{ ...part, path: record.path }] }
  const staged = join(stage, part.path)
  const done =
    bundle === null ? await publishArchive(io.root, staged, whole) : await publishBundle(io.root, staged, whole, bundle)
  return done ? published(whole, part.sha256) : null
}

function published({ id, path, bytes, at, commit }: BackupRecord, digest: string, paths: string[] = []): Published {
  return { id, path, bytes, digest, at, commit, exports: paths }
}

/** The lines of each source, as its plug-in knows them. */
function byHand({ sources }: PublishInput, record: BackupRecord): ManifestSource[] {
  return sources.map(({ name, use, options }) => {
    const source = sourceOf(use)
    const parts = record.parts.filter((part) => part.source === name)
    const commands =
      source === undefined ? [] : parts.flatMap((part) => source.manual(source.options.parse(options), part))
    return { name, use, commands }
  })
}

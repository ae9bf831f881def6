import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Draft } from '../core/backup-input.ts'
import type { BackupRecord, Part, PointerRecord } from '../core/backup.ts'
import { exists, writeNew } from '../world/files.ts'
import { placeFile, unplaceFile } from './place-file.ts'

/**
 * Puts every export beside its record, and the record last: until it stands there, nothing claims to be a backup. `text` makes the record of
 * the parts as they lie. Gives its digest; null when a name is taken, and what was put there is gone again.
 */
export async function publishExports(
  root: string,
  stage: string,
  at: { path: string; paths: readonly string[]; parts: readonly Part[] },
  text: (parts: Part[]) => string,
): Promise<string | null> {
  if (await exists(join(root, at.path))) return null
  const placed = at.parts.map((part, index) => ({ ...part, path: at.paths[index] ?? part.path }))
  for (const [index, part] of at.parts.entries()) {
    if (await placeFile(join(stage, part.path), join(root, at.paths[index] ?? ''), part.sha256)) continue
    await removeExports(root, stage, { paths: at.paths, parts: at.parts.slice(0, index) })
    return null
  }
  const body = text(placed)
  if (await writeNew(join(root, at.path), body)) return createHash('sha256').update(body).digest('hex')
  await removeExports(root, stage, at)
  return null
}

/** Takes exports back that no record names; what is not the very file that was staged is left alone. */
export async function removeExports(
  root: string,
  stage: string,
  { paths, parts }: { paths: readonly string[]; parts: readonly Part[] },
): Promise<void> {
  for (const [index, { path, sha256 }] of parts.entries())
    await unplaceFile(join(stage, path), join(root, paths[index] ?? ''), sha256)
}

/** The record of a full backup, the teams' own fields first. */
export function pointerText(draft: Draft, record: BackupRecord): string {
  const { parts } = record
  const pointer: PointerRecord & Pick<BackupRecord, 'leftOut' | 'doubts' | 'ms'> = {
    id: record.id,
    type: 'full',
    timestamp: record.at,
    commitHash: record.commit ?? '',
    commitMessage: record.commitSubject ?? '',
    branch: record.branch ?? '',
    convexExportPath: parts[0]?.path ?? '',
    exportSizeBytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    ...(record.notes === null ? {} : { notes: record.notes }),
    commitFrom: draft.commitFrom,
    schemaRevision: record.schemaRevision,
    operator: record.operator ?? '',
    run: record.run ?? '',
    exports: parts.map(({ source, use, path, bytes, sha256, counts, schema, unsettled }) => ({
      source,
      path,
      sizeBytes: bytes,
      sha256,
      use,
      ...(counts === undefined ? {} : { counts }),
      ...(schema === undefined ? {} : { schema }),
      ...(unsettled.length === 0 ? {} : { unsettled }),
    })),
    ...(record.leftOut?.length ? { leftOut: record.leftOut } : {}),
    ...(record.doubts?.length ? { doubts: record.doubts } : {}),
    ...(record.ms === undefined ? {} : { ms: record.ms }),
  }
  return `${JSON.stringify(pointer, null, 2)}\n`
}

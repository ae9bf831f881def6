import { resolve } from 'node:path'
import { CHECKSUMS } from '../archive/checksum-list.ts'
import { sha256File } from '../archive/checksum.ts'
import type { BackupName } from '../core/backup-names.ts'
import { idOf, pathOf, recordPath } from '../core/backup-names.ts'
import { KINDS } from '../core/kinds.ts'
import { exists, readText } from '../world/files.ts'

/** A backup that stands under its name. `path` as in its record; `exports` are the files its record names beside it. */
export type Published = {
  id: string
  path: string
  bytes: number
  digest: string
  at: string
  commit: string | null
  exports: string[]
}

/** More names than makers of one moment. */
const MOST = 100

/** What a run has published under one of the names it might have taken; null when it has not, or not finished. */
export async function publishedBy(root: string, name: BackupName, run: string): Promise<Published | null> {
  for (let n = name.first; n < name.first + MOST; n += 1) {
    const record = resolve(root, recordPath(name.kind, pathOf(name, n)))
    const text = await readText(record)
    if (text === null) {
      if (await exists(resolve(root, pathOf(name, n)))) continue
      return null
    }
    const found = parsed(text)
    if (found['run'] === run) return standing(root, name, n, record, found)
  }
  return null
}

async function standing(
  root: string,
  name: BackupName,
  n: number,
  record: string,
  found: Record<string, unknown>,
): Promise<Published> {
  const { shape } = KINDS[name.kind]
  const said = (...names: string[]) => names.map((one) => found[one]).find((value) => typeof value === 'string')
  const path = said('path') ?? pathOf(name, n)
  const folder = resolve(root, path, CHECKSUMS)
  const digest = shape === 'archive' ? said('digest', 'sha256') : await sha256File(shape === 'folder' ? folder : record)
  return {
    id: said('id') ?? idOf(name, n),
    path,
    bytes: Number(found['bytes'] ?? found['exportSizeBytes'] ?? found['size'] ?? 0),
    digest: digest ?? '',
    at: said('at', 'timestamp', 'createdAt') ?? '',
    commit: said('commit', 'commitHash', 'gitSha') ?? null,
    exports: shape === 'exports' ? pathsIn(found['exports'] ?? found['parts']) : [],
  }
}

function pathsIn(list: unknown): string[] {
  const parts = Array.isArray(list) ? (list as { path?: unknown }[]) : []
  return parts.flatMap(({ path }) => (typeof path === 'string' ? [path] : []))
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { statePaths } from '../core/paths.ts'
import { exists, writeWhole } from '../world/files.ts'

/** What was kept as `.knowngood/cache/<name>.json` by this version; null when there is nothing of the kind, or it does not hold. */
export function readCacheFile(root: string, name: string, version: string): unknown {
  try {
    // It waits: some megabytes are read in a moment, and in pieces many times as slowly.
    const value = JSON.parse(readFileSync(fileOf(root, name), 'utf8')) as { version?: unknown; kept?: unknown }
    return value?.version === version ? (value.kept ?? null) : null
  } catch {
    return null
  }
}

/** Keeps it. Where that cannot be, it is done without; looking at a project for the first time leaves nothing behind. */
export async function writeCacheFile(root: string, name: string, version: string, kept: unknown): Promise<void> {
  if (!(await exists(statePaths(root).home))) return
  await writeWhole(fileOf(root, name), JSON.stringify({ version, kept })).catch(() => undefined)
}

function fileOf(root: string, name: string): string {
  return join(statePaths(root).cache, `${name}.json`)
}

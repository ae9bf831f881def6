import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { statePaths } from '../core/paths.ts'
import { exists, writeWhole } from '../world/files.ts'
import type { Config } from './schema.ts'

type Kept = { key: string; config: Config }

/**
 * The checked content of a file, from the cache when the very same text was checked by the very same program before:
 * parsing and checking it costs more than most frames. The cache may be deleted at any time.
 */
export async function cachedConfig(
  root: string,
  text: string,
  check: () => Promise<Config>,
  identify: () => Promise<Uint8Array | null> = fingerprint,
): Promise<Config> {
  const program = await identify()
  if (program === null) return await check()
  const path = join(statePaths(root).cache, 'config.json')
  const key = createHash('sha256').update(program).update(text).digest('hex')
  const kept = await readKept(path)
  if (kept?.key === key) return kept.config
  const config = await check()
  // Only where there is a folder of ours already: looking at a project for the first time leaves nothing behind.
  if (await exists(statePaths(root).home)) await writeWhole(path, JSON.stringify({ key, config })).catch(() => {})
  return config
}

/** The built program's own file, which names its parts by their content; null when run from its sources. */
async function fingerprint(): Promise<Buffer | null> {
  return import.meta.filename.endsWith('.ts') ? null : await readFile(import.meta.filename).catch(() => null)
}

async function readKept(path: string): Promise<Kept | null> {
  try {
    const kept: Kept = JSON.parse(await readFile(path, 'utf8'))
    return typeof kept?.key === 'string' && typeof kept.config === 'object' && kept.config !== null ? kept : null
  } catch {
    return null
  }
}

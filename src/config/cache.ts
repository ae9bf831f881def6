import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { statePaths } from '../core/paths.ts'
import { exists, writeWhole } from '../world/files.ts'
import type { Config } from './schema.ts'

type Kept = { program: string; text: string; config: Config }

/**
 * The checked content of a file, from the cache when the very same text was checked by the very same program before:
 * parsing and checking it costs more than most frames. The cache may be deleted at any time.
 */
export async function cachedConfig(
  root: string,
  text: string,
  check: () => Promise<Config>,
  identify: () => Promise<string | null> = fingerprint,
): Promise<Config> {
  const program = await identify()
  if (program === null) return await check()
  const path = join(statePaths(root).cache, 'config.json')
  const kept = await readKept(path)
  if (kept?.program === program && kept.text === text) return kept.config
  const config = await check()
  // Only where there is a folder of ours already: looking at a project for the first time leaves nothing behind.
  if (await exists(statePaths(root).home))
    await writeWhole(path, JSON.stringify({ program, text, config })).catch(() => {})
  return config
}

/** The built program's own part: its name is made of its content and of the names of all that it may load; null when run from its sources. */
async function fingerprint(): Promise<string | null> {
  const name = basename(import.meta.filename)
  return /-[A-Z0-9]{8}\.js$/.test(name) ? name : null
}

async function readKept(path: string): Promise<Kept | null> {
  try {
    const kept: Kept = JSON.parse(await readFile(path, 'utf8'))
    return typeof kept?.text === 'string' && typeof kept.config === 'object' && kept.config !== null ? kept : null
  } catch {
    return null
  }
}

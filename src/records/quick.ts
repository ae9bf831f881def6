import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { PointerRecord } from '../core/backup.ts'
import { readText, writeNew } from '../world/files.ts'
import { sweepTemporaries } from '../world/leftovers.ts'

/** `path` is relative to the root; `sha256` is what proofs of this backup refer to. */
export type WrittenQuick = { id: string; path: string; bytes: number; sha256: string }

/** `backups/quick/quick-backup-<ms>.json` for the id `quick-<ms>`. */
export function quickPath(dir: string, id: string): string {
  return join(dir, `quick-backup-${id.replace(/^quick-/, '')}.json`)
}

/**
 * Writes a quick record under its name, never over another: a taken name gets `-2`, in the id too. A record this run
 * already wrote is given as it stands, so that writing again after a crash makes no second one.
 */
export async function writeQuick(root: string, dir: string, record: PointerRecord): Promise<WrittenQuick> {
  await sweepTemporaries(join(root, dir))
  for (let count = 1; ; count += 1) {
    const id = count === 1 ? record.id : `${record.id}-${count}`
    const path = quickPath(dir, id)
    const text = `${JSON.stringify({ ...record, id }, null, 2)}\n`
    if (await writeNew(join(root, path), text)) return written(id, path, text)
    const standing = await readText(join(root, path))
    if (standing !== null && runOf(standing) === record.run) return written(id, path, standing)
  }
}

function written(id: string, path: string, text: string): WrittenQuick {
  const sha256 = createHash('sha256').update(text).digest('hex')
  return { id, path, bytes: Buffer.byteLength(text), sha256 }
}

function runOf(text: string): string | null {
  try {
    const { run } = JSON.parse(text) as Partial<PointerRecord>
    return typeof run === 'string' ? run : null
  } catch {
    return null
  }
}

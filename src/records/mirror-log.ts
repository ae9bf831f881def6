import { join } from 'node:path'
import { now } from '../world/clock.ts'
import { appendLine, readText } from '../world/files.ts'

/** One line of `backups/mirrors.jsonl`: what a mirror was given, was read back from, or was relieved of. `at` is ISO 8601 UTC. */
export type MirrorLine = { mirror: string; id: string; digest: string; what: 'put' | 'checked' | 'dropped'; at: string }

const fileOf = (root: string) => join(root, 'backups', 'mirrors.jsonl')

/** Notes it, on disk when it returns. */
export async function noteMirror(root: string, line: Omit<MirrorLine, 'at'>): Promise<void> {
  await appendLine(fileOf(root), JSON.stringify({ ...line, at: now().toISOString() }))
}

/** Every line that can be read, oldest first. */
export async function readMirrorLog(root: string): Promise<MirrorLine[]> {
  const text = (await readText(fileOf(root))) ?? ''
  return text.split('\n').flatMap((line) => {
    try {
      const value = JSON.parse(line) as Partial<MirrorLine>
      const { mirror, id, digest, what, at } = value
      return [mirror, id, digest, what, at].every((word) => typeof word === 'string') ? [value as MirrorLine] : []
    } catch {
      return []
    }
  })
}

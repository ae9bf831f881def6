import { lstatSync, readdirSync } from 'node:fs'
import { codeOf } from '../world/files.ts'
import { factsOf } from './file-facts.ts'
import type { FileFacts } from './file-facts.ts'

/** A thing in a tree. `path` are the raw bytes of its path below the root: names need not be UTF-8. */
export type TreeEntry = { path: Buffer; facts: FileFacts }

const SLASH = Buffer.from('/')

export function joinBytes(folder: Buffer, name: Buffer): Buffer {
  return folder.length === 0 ? name : Buffer.concat([folder, SLASH, name])
}

/**
 * Everything under `start` (the root itself when empty), folders before what they hold, in the order of their bytes. Links
 * are not followed. What vanishes meanwhile is passed over; what may not be read throws. It blocks: whoever takes many
 * entries lets others run in between.
 */
export function* walk(root: Buffer, start: Buffer, leaveOut: (path: string) => boolean): Generator<TreeEntry> {
  const todo = [start]
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    const full = joinBytes(root, path)
    const stat = lstatSync(full, { bigint: true, throwIfNoEntry: false })
    if (stat === undefined) continue
    const facts = factsOf(stat)
    if (path.length > 0) yield { path, facts }
    if (facts.kind !== 'folder') continue
    for (const name of namesIn(full)) {
      const inner = joinBytes(path, name)
      if (!leaveOut(inner.toString('utf8'))) todo.push(inner)
    }
  }
}

/** In reverse, since the last one is taken first. */
function namesIn(folder: Buffer): Buffer[] {
  try {
    return readdirSync(folder, { encoding: 'buffer' }).toSorted((a, b) => Buffer.compare(b, a))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

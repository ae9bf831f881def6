import { lstatSync, readdirSync } from 'node:fs'
import { codeOf } from '../world/files.ts'
import { factsOf } from './file-facts.ts'
import type { FileFacts } from './file-facts.ts'
import { joinPath, systemPath } from './tree-path.ts'

const LOOK = { bigint: true, throwIfNoEntry: false } as const

/** A thing in a tree; `path` is that below the root, as in `tree-path.ts`. */
export type TreeEntry = { path: string; facts: FileFacts }

/**
 * Everything under `start` (the root itself when empty), folders before what they hold, in the order of their bytes. Links
 * are not followed. What vanishes meanwhile is passed over; what may not be read throws. It blocks: whoever takes many
 * entries lets others run in between.
 */
export function* walk(root: string, start: string, leaveOut: (path: string) => boolean): Generator<TreeEntry> {
  const todo = [start]
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    const full = systemPath(joinPath(root, path))
    const stat = lstatSync(full, LOOK)
    if (stat === undefined) continue
    const facts = factsOf(stat)
    if (path !== '') yield { path, facts }
    if (facts.kind !== 'folder') continue
    for (const name of namesIn(full)) {
      const inner = joinPath(path, name)
      if (!leaveOut(inner)) todo.push(inner)
    }
  }
}

/** In reverse, since the last one is taken first. */
function namesIn(folder: string | Buffer): string[] {
  try {
    return readdirSync(folder, { encoding: 'latin1' }).toSorted((a, b) => (a < b ? 1 : -1))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

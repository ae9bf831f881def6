import type { BigIntStats } from 'node:fs'
import { lstatSync, statSync } from 'node:fs'
import { factsOf, GONE } from './file-facts.ts'
import type { FileFacts } from './file-facts.ts'
import { holdFolder } from './held-folder.ts'
import type { HeldFolder } from './held-folder.ts'
import { joinPath, systemPath } from './tree-path.ts'

const LOOK = { bigint: true, throwIfNoEntry: false } as const
/** Folders that are held at a time, one in the other. */
const MOST_HELD = 64

/** A thing in a tree; `path` is that below the root, and `target` where a link leads, both as in `tree-path.ts`. */
export type TreeEntry = { path: string; facts: FileFacts; target: string }

/** A folder, and the names in it that are still to be looked at, the next one last. */
type Level = { path: string; folder: HeldFolder; names: string[] }

/**
 * Everything under `start` (the root itself when empty), folders before what they hold, in the order of their bytes. Links
 * are not followed, nor on the way to something: what is told of stands in the very folder that its name was read from. What
 * vanishes meanwhile, or becomes something else, is told as `gone`; a folder may have been told as one before. What may not be read
 * throws. It blocks: whoever takes many entries lets others run in between.
 */
export function* walk(root: string, start: string, leaveOut: (path: string) => boolean): Generator<TreeEntry> {
  const levels = topLevels(root, start, leaveOut)
  try {
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      const name = level.names.pop()
      if (name === undefined) {
        level.folder.rest()
        levels.pop()
        continue
      }
      const path = joinPath(level.path, name)
      const stat = level.folder.look(name)
      const entry = entryOf(path, stat, level.folder, name)
      yield entry
      if (stat === null || entry.facts.kind !== 'folder') continue
      const inner = levelOf(root, path, stat, leaveOut)
      if (inner === null) {
        yield goneEntry(path)
        continue
      }
      levels.push(inner)
      levels.at(-1 - MOST_HELD)?.folder.rest()
    }
  } finally {
    for (const { folder } of levels) folder.rest()
  }
}

/** What is there to begin with. The root may be named by a link when something in it is asked for. */
function topLevels(root: string, start: string, leaveOut: (path: string) => boolean): Level[] {
  const whole = start === ''
  const stat = whole ? lstatSync(systemPath(root), LOOK) : statSync(systemPath(root), LOOK)
  if (stat?.isDirectory() !== true) return []
  if (!whole) return [{ path: '', folder: holdFolder(joinPath(root, '.'), stat), names: [start] }]
  return [levelOf(root, '', stat, leaveOut)].filter((level) => level !== null)
}

/** Null when it is that folder no more. */
function levelOf(root: string, path: string, stat: BigIntStats, leaveOut: (path: string) => boolean): Level | null {
  const folder = holdFolder(path === '' ? root : joinPath(root, path), stat)
  const names = folder.names()
  if (names === null) {
    folder.rest()
    return null
  }
  const wanted = names.filter((name) => !leaveOut(joinPath(path, name)))
  // In reverse, since the last one is taken first.
  return { path, folder, names: wanted.toSorted((a, b) => (a < b ? 1 : -1)) }
}

function entryOf(path: string, stat: BigIntStats | null, folder: HeldFolder, name: string): TreeEntry {
  if (stat === null) return goneEntry(path)
  const facts = factsOf(stat)
  if (facts.kind !== 'link') return { path, facts, target: '' }
  const target = folder.target(name)
  return target === null ? goneEntry(path) : { path, facts, target }
}

function goneEntry(path: string): TreeEntry {
  return { path, facts: GONE, target: '' }
}

import { StepFailed } from '../core/failure.ts'
import type { PackItem } from './pack-job.ts'
import { SMALL } from './read-settled.ts'
import { joinPath, shownPath } from './tree-path.ts'
import type { TreeEntry } from './walk.ts'
import type { IndexRow } from './zip-index.ts'
import type { Previous } from './zip-previous.ts'

/** A member and how it will be made: `copied` is where it stands in the earlier archive; `due`: it is copied only if it is read and found to be the same. */
export type Planned = {
  item: PackItem
  copied: IndexRow | null
  due: boolean
  content: string | null
}

/** `root` and `prefix` as in `tree-path.ts`; `links` receives where each link leads, by its path. */
export type PlanOf = {
  root: string
  prefix: string
  links: Map<string, string>
  previous: Previous | null
  contents: ((path: string) => string | null) | undefined
}

/** Null for what has no place in an archive. */
export function planMember(
  { path, facts, target }: TreeEntry,
  { prefix, links, previous, contents }: PlanOf,
): Planned | null {
  const { kind, mode, mtimeMs } = facts
  if (kind === 'other') return null
  const stored = joinPath(prefix, path)
  const name = kind === 'folder' ? `${stored}/` : stored
  if (name.length > 0xffff)
    throw new StepFailed('zip', `the path of ${shownPath(path.slice(-80))} is longer than a zip can hold`)
  if (kind === 'link') links.set(path, target)
  const data = kind === 'file' ? null : target
  if (kind !== 'file')
    return {
      item: { path, name, mode, mtimeMs, data, steady: false, seen: null },
      copied: null,
      due: false,
      content: null,
    }
  const content = contents?.(shownPath(path)) ?? null
  const copied = previous?.find(path, facts, content) ?? null
  const due = copied !== null && content === null && previous?.isDue(path) === true
  // Content that is known by name may get another time; what is long is packed before its header is known.
  const steady = content === null && facts.size <= SMALL
  const seen = { key: facts.key, size: facts.size }
  return { item: { path, name, mode, mtimeMs, data, steady, seen }, copied, due, content }
}

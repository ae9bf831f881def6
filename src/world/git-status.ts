import { BESIDE_NAME, OWN_PATHS } from '../core/paths.ts'
import type { Git } from './git.ts'

/** `branch` is null when a commit, not a branch, is checked out; `dirty` lists paths with uncommitted work, ours left out. */
export type TreeStatus = { branch: string | null; dirty: string[] }

/** What is checked out and what is uncommitted; takes no lock on the index. `ours` are folders that never count. */
export async function readStatus(git: Git, ours: readonly string[] = []): Promise<TreeStatus> {
  const out = await git.raw([
    'status',
    '--porcelain=v2',
    '--branch',
    '-z',
    '--untracked-files=normal',
    '--ignore-submodules=none',
  ])
  const own = [...OWN_PATHS, ...ours.map((folder) => `${folder.replace(/\/+$/, '')}/`)]
  const dirty: string[] = []
  let branch: string | null = null
  const records = out.split('\0')
  for (let i = 0; i < records.length; i++) {
    const record = records[i] ?? ''
    if (record.startsWith('# branch.head ')) {
      const name = record.slice('# branch.head '.length)
      branch = name === '(detached)' ? null : name
    }
    const path = pathOf(record)
    // A rename is followed by the old name as a record of its own.
    if (record.startsWith('2 ')) i++
    if (path !== null && !isOwn(path, own)) dirty.push(path)
  }
  return { branch, dirty }
}

/** Fields before the path: 8 of a change, 9 of a rename, 10 of a conflict, 1 of an untracked file. */
function pathOf(record: string): string | null {
  const before = { '1': 8, '2': 9, u: 10, '?': 1 }[record.charAt(0)]
  if (before === undefined || record.charAt(1) !== ' ') return null
  return record.split(' ').slice(before).join(' ')
}

function isOwn(path: string, own: readonly string[]): boolean {
  return BESIDE_NAME.test(path) || own.some((name) => path === name || (name.endsWith('/') && path.startsWith(name)))
}

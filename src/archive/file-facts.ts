import type { BigIntStats } from 'node:fs'

/**
 * What a look at a file tells. `key` is everything that changes when its content may have: device, inode, size, and mtime and ctime in
 * nanoseconds. `changed` is the later of the two times, in ms. `gone` is what had a name and was not there any more.
 */
export type FileFacts = {
  kind: 'file' | 'folder' | 'link' | 'other' | 'gone'
  /** With the bits of its type. */
  mode: number
  size: number
  mtimeMs: number
  changed: number
  uid: number
  gid: number
  dev: number
  key: string
}

const TYPES: Record<number, FileFacts['kind']> = { 0o100000: 'file', 0o040000: 'folder', 0o120000: 'link' }

/** Of what is not there any more. */
export const GONE: FileFacts = {
  kind: 'gone',
  mode: 0,
  size: 0,
  mtimeMs: 0,
  changed: 0,
  uid: 0,
  gid: 0,
  dev: 0,
  key: '',
}

export function factsOf(stat: BigIntStats): FileFacts {
  const mode = Number(stat.mode)
  const mtimeMs = Number(stat.mtimeMs)
  return {
    kind: TYPES[mode & 0o170000] ?? 'other',
    mode,
    size: Number(stat.size),
    mtimeMs,
    changed: Math.max(mtimeMs, Number(stat.ctimeMs)),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    dev: Number(stat.dev),
    key: `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`,
  }
}

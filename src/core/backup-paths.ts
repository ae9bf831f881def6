import { posix } from 'node:path'
import { recordPath } from './backup-names.ts'
import type { BackupRecord } from './backup.ts'
import { KINDS } from './kinds.ts'

const { dirname } = posix

export type Holding = Pick<BackupRecord, 'kind' | 'path' | 'parts'>

/** Everything a backup consists of; what its record names elsewhere is not its own. */
export function pathsOf({ kind, path, parts }: Holding): string[] {
  const beside = parts.map((part) => part.path).filter((file) => dirname(file) === dirname(path))
  switch (KINDS[kind].shape) {
    case 'folder':
    case 'pointer':
      return [path]
    case 'exports':
      return [...new Set([path, ...beside])]
    case 'archive': {
      const archives = [...new Set([path, ...beside])]
      const sums = kind === 'data' ? archives.map((file) => `${file}.sha256`) : []
      return [...archives, ...sums, recordPath(kind, path)]
    }
  }
}

import { CHECKSUMS, parseChecksums } from '../archive/checksum-list.ts'
import type { BackupRecord } from '../core/backup.ts'

/**
 * The SHA-256 of every file that a folder's own list names, by its path in the folder. Throws, naming the line, when the list
 * cannot be read. The teams' own scripts begin their names with "./".
 */
export function folderList(text: string, origin: BackupRecord['origin']): Map<string, string> {
  const plain = origin === 'found' ? text.replaceAll(/^([0-9a-f]{64} [ *])\.\//gm, '$1') : text
  return new Map(parseChecksums(plain, CHECKSUMS).map(({ path, sha256 }) => [path, sha256]))
}

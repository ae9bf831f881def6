import { lstat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { formatChecksums, parseChecksums } from '../archive/checksum-list.ts'
import { recordPath } from '../core/backup-names.ts'
import { UserError } from '../core/failure.ts'
import { readText, writeWhole } from '../world/files.ts'
import { readPlain, sha256Text } from './read-plain.ts'

/** A bundle's lock file as it would be with this address in it, and whether it is so already. */
export type BundleLockText = { path: string; sha256: string; text: string; same: boolean }

/** Reads the lock file beside a bundle. `path` is the tarball's; null leaves `release_url` as it is. Throws when there is none. */
export function readBundleLock(root: string, path: string, releaseUrl: string | null): BundleLockText {
  const lock = recordPath('bundle', path)
  const before = readPlain(root, lock)
  const said: unknown = JSON.parse(before)
  if (said === null || typeof said !== 'object' || Array.isArray(said))
    throw new UserError(`${lock} is no lock file`, 'it holds no object', ['Make the bundle again: knowngood bundle'])
  const fields = said as Record<string, unknown>
  const same = releaseUrl === null || fields['release_url'] === releaseUrl
  const text = same ? before : `${JSON.stringify({ ...fields, release_url: releaseUrl }, null, 2)}\n`
  const sha256 = [fields['sha256'], fields['checksum'], fields['digest']].find((one) => typeof one === 'string')
  return { path: lock, sha256: sha256 ?? '', text, same }
}

/** Writes the release's address into the lock file, and the lock's new hash into a SHA256SUMS that names it. Doing it again is fine. */
export async function recordReleaseUrl(root: string, path: string, releaseUrl: string): Promise<BundleLockText> {
  const lock = readBundleLock(root, path, releaseUrl)
  const file = resolve(root, lock.path)
  if (!lock.same) await writeWhole(file, lock.text, { mode: (await lstat(file)).mode & 0o777 })
  const sums = join(dirname(file), 'SHA256SUMS')
  const listed = await readText(sums)
  if (listed === null || !listed.includes(basename(file))) return lock
  const sha256 = sha256Text(lock.text)
  const lines = parseChecksums(listed, sums).map((line) => (line.path === basename(file) ? { ...line, sha256 } : line))
  const text = formatChecksums(lines)
  if (text !== listed) await writeWhole(sums, text, { mode: (await lstat(sums)).mode & 0o777 })
  return lock
}

import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { formatChecksums } from '../../src/archive/checksum-list.ts'
import { readBundleLock, recordReleaseUrl } from '../../src/records/bundle-lock.ts'
import { sha256Text } from '../../src/records/read-plain.ts'
import { temporaryFolder } from '../helpers/temp.ts'

const TAR = 'releases/app-v1.0.1-20250922-101500.tar.gz'
const LOCK = 'releases/app-v1.0.1-20250922-101500.lock.json'

/** A bundle as the teams' own script leaves it, whose list names the lock file too. */
function found(lock = '{"version":"1.0.1","git_sha":"ab","checksum":"cd","extra":[1]}') {
  const root = temporaryFolder()
  mkdirSync(join(root, 'releases'))
  writeFileSync(join(root, TAR), 'bytes')
  writeFileSync(join(root, LOCK), lock, { mode: 0o644 })
  const line = (path: string, text: string) => ({ path: path.slice('releases/'.length), sha256: sha256Text(text) })
  writeFileSync(join(root, 'releases/SHA256SUMS'), formatChecksums([line(TAR, 'bytes'), line(LOCK, lock)]))
  return {
    root,
    check: () =>
      execFileSync('sha256sum', ['--check', 'SHA256SUMS'], {
        cwd: join(root, 'releases'),
        encoding: 'utf8',
        stdio: 'pipe',
      }),
  }
}

test('the address is written beside what is there, and a list that names the lock file holds again', async () => {
  const { root, check } = found()
  const { sha256, same } = await recordReleaseUrl(root, TAR, 'https://x.example/1')
  expect([sha256, same]).toEqual(['cd', false])
  expect(JSON.parse(readFileSync(join(root, LOCK), 'utf8'))).toEqual({
    version: '1.0.1',
    git_sha: 'ab',
    checksum: 'cd',
    extra: [1],
    release_url: 'https://x.example/1',
  })
  expect(check().match(/OK/g)).toHaveLength(2)
  expect(statSync(join(root, LOCK)).mode & 0o777).toBe(0o644)
})

test('cut between the two, it is finished by doing it again', async () => {
  const { root, check } = found()
  writeFileSync(join(root, LOCK), readBundleLock(root, TAR, 'https://x.example/1').text)
  expect(check).toThrow()
  expect((await recordReleaseUrl(root, TAR, 'https://x.example/1')).same).toBe(true)
  expect(check().match(/OK/g)).toHaveLength(2)
})

test('a lock file that is none, or a link to elsewhere, is refused and left', async () => {
  const { root } = found('[1]')
  await expect(recordReleaseUrl(root, TAR, 'https://x.example/1')).rejects.toThrow(/is no lock file/)
  const other = found()
  execFileSync('mv', [join(other.root, LOCK), join(other.root, 'lock')])
  symlinkSync('../lock', join(other.root, LOCK))
  const before = readFileSync(join(other.root, 'lock'), 'utf8')
  await expect(recordReleaseUrl(other.root, TAR, 'https://x.example/1')).rejects.toThrow()
  expect(readFileSync(join(other.root, 'lock'), 'utf8')).toBe(before)
})

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { formatChecksums } from '../../src/archive/checksum-list.ts'
import { writeSums } from '../../src/records/publish-archive.ts'
import { sha256Text } from '../../src/records/read-plain.ts'
import { temporaryFolder } from '../helpers/temp.ts'

const [OLD, OLDER] = ['app-v1.0.2-20260922-101500', 'app-v1.0.1-20250922-101500']

/** A folder of bundles with these files; `check` is what `sha256sum -c` says of its list. */
function bundles(files: Record<string, string>) {
  const root = temporaryFolder()
  const at = (name: string) => join(root, 'releases', name)
  mkdirSync(join(root, 'releases'))
  for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text)
  const check = () =>
    spawnSync('sha256sum', ['--check', 'SHA256SUMS'], { cwd: join(root, 'releases'), encoding: 'utf8' }).stdout
  return { root, at, check }
}

test('a bundle that has rotted is not vouched for when the next one is made', async () => {
  const lock = JSON.stringify({ version: '1.0.2', sha256: sha256Text('old') })
  const { root, at, check } = bundles({
    [`${OLD}.tar.gz`]: 'old',
    [`${OLD}.lock.json`]: lock,
    [`${OLDER}.tar.gz`]: 'older',
  })
  await writeSums(root, 'releases')
  expect(check().match(/: OK$/gm)).toHaveLength(2)
  writeFileSync(at(`${OLD}.tar.gz`), 'rot')
  writeFileSync(at(`${OLDER}.tar.gz`), 'rotten')
  writeFileSync(at('app-v1.0.3-20261122-101500.tar.gz'), 'new')
  await writeSums(root, 'releases')
  expect(check()).toContain(`${OLD}.tar.gz: FAILED`)
  expect(check()).toContain(`${OLDER}.tar.gz: FAILED`)
  expect(check()).toContain('app-v1.0.3-20261122-101500.tar.gz: OK')
})

test('a list keeps what it says of the lock files, and goes with the last bundle', async () => {
  const { root, at, check } = bundles({ [`${OLD}.tar.gz`]: 'old', [`${OLD}.lock.json`]: '{}' })
  const line = (path: string, text: string) => ({ path, sha256: sha256Text(text) })
  writeFileSync(at('SHA256SUMS'), formatChecksums([line(`${OLD}.lock.json`, '{}'), line(`${OLDER}.tar.gz`, 'older')]))
  await writeSums(root, 'releases')
  expect(readFileSync(at('SHA256SUMS'), 'utf8').trim().split('\n')).toHaveLength(2)
  expect(check().match(/: OK$/gm)).toHaveLength(2)
  rmSync(at(`${OLD}.tar.gz`))
  await writeSums(root, 'releases')
  expect(existsSync(at('SHA256SUMS'))).toBe(false)
})

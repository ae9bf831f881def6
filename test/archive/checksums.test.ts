import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { formatChecksums, parseChecksums } from '../../src/archive/checksum-list.ts'
import { hashFiles } from '../../src/archive/hash-files.ts'
import { temporaryFolder } from '../helpers/temp.ts'

const NAMES = ['plain', 'with space', '*star', 'new\nline', 'back\\slash', 'cr\rx', 'ünï', '-rf', 'sub/deep/file']

function files(): string {
  const dir = temporaryFolder()
  mkdirSync(join(dir, 'sub/deep'), { recursive: true })
  for (const name of NAMES) writeFileSync(join(dir, name), `content of ${name}`)
  return dir
}

test('a list is the one sha256sum writes, and sha256sum agrees with it', async () => {
  const dir = files()
  const digests = await hashFiles(dir, NAMES)
  const lines = [...digests].map(([path, { sha256 }]) => ({ sha256, path }))
  const text = formatChecksums(lines)
  const sorted = NAMES.toSorted()
  expect(text).toBe(execFileSync('sha256sum', ['--', ...sorted], { cwd: dir, encoding: 'utf8' }))
  writeFileSync(join(dir, 'SUMS'), text)
  expect(spawnSync('sha256sum', ['--strict', '-c', 'SUMS'], { cwd: dir }).status).toBe(0)
  expect(parseChecksums(text)).toEqual(lines.toSorted((a, b) => (a.path < b.path ? -1 : 1)))
})

test('every file is hashed, what is missing is missing, and the bytes are counted', async () => {
  const dir = files()
  const seen: number[] = []
  const digests = await hashFiles(dir, ['plain', 'gone', '*star'], { onBytes: (done) => seen.push(done) })
  expect([...digests.keys()].toSorted()).toEqual(['*star', 'plain'])
  expect(seen.at(-1)).toBe('content of plain'.length + 'content of *star'.length)
  await expect(hashFiles(dir, ['sub'])).rejects.toThrow('not a plain file')
  await expect(hashFiles(dir, ['plain'], { signal: AbortSignal.abort() })).rejects.toThrow('aborted')
})

const SUM = 'a'.repeat(64)
test.each([
  ['an empty list', ''],
  ['a cut last line', `${SUM}  x`],
  ['a short digest', `${SUM.slice(1)}  x\n`],
  ['an upper-case digest', `${SUM.toUpperCase()}  x\n`],
  ['one space', `${SUM} x\n`],
  ['no name', `${SUM}  \n`],
  ['a blank line', `${SUM}  x\n\n${SUM}  y\n`],
  ['a comment', `# sums\n${SUM}  x\n`],
  ['an absolute path', `${SUM}  /etc/passwd\n`],
  ['a path that leads out', `${SUM}  a/../../b\n`],
  ['a name twice', `${SUM}  x\n${SUM}  x\n`],
  ['a bad escape', `\\${SUM}  a\\q\n`],
])('fault 32: %s fails closed', (_, text) => {
  expect(() => parseChecksums(text)).toThrow(/line|empty|cut off/)
})

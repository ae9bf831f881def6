import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statfsSync,
  symlinkSync,
  truncateSync,
  utimesSync,
} from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'

/** A small tree of everything that is awkward to archive. */
export async function oddTree(root: string): Promise<string> {
  const deep = join(root, 'deep', ...Array.from({ length: 8 }, (_, level) => `${level}-${'d'.repeat(60)}`))
  await mkdir(deep, { recursive: true })
  await mkdir(join(root, 'empty'))
  await writeFile(join(deep, 'bottom'), 'far down')
  await writeFile(join(root, 'zero'), '')
  await writeFile(join(root, 'ünï 日本 🎉.txt'), 'names')
  await writeFile(join(root, '-rf'), 'dash')
  await writeFile(join(root, 'new\nline'), 'break')
  await writeFile(join(root, 'back\\slash'), 'not a folder')
  await writeFile(join(root, 'esc\u001b[31m'), 'escape')
  await writeFile(join(root, 'x'.repeat(255)), 'long')
  await writeFile(Buffer.concat([Buffer.from(`${root}/latin-`), Buffer.from([0xff, 0xe9])]), 'no UTF-8')
  await writeFile(Buffer.concat([Buffer.from(`${root}/long-`), Buffer.alloc(200, 0xe9)]), 'no UTF-8 and long')
  await writeFile(join(root, 'large.txt'), Buffer.alloc(3_000_000, 'abcdefg\n'))
  await writeFile(join(root, 'sparse'), 'start')
  truncateSync(join(root, 'sparse'), 10_000_000)
  await writeFile(join(root, 'run.sh'), '#!/bin/sh\n')
  chmodSync(join(root, 'run.sh'), 0o750)
  utimesSync(join(root, 'run.sh'), 1_711_848_600, 1_711_848_600)
  symlinkSync('empty', join(root, 'link'))
  symlinkSync(`deep/../${'./'.repeat(80)}zero`, join(root, 'long link'))
  symlinkSync('nowhere', join(root, 'dangling'))
  chmodSync(join(root, 'empty'), 0o700)
  return root
}

/** Expects two trees to be the same: names as bytes, kinds, contents, modes, times to the second, and where links lead. */
export function sameTree(expected: string, found: string): void {
  expect(describe(found)).toEqual(describe(expected))
  execFileSync('diff', ['-r', '--no-dereference', expected, found])
}

function describe(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'buffer' })
    .map((name) => {
      const path = Buffer.concat([Buffer.from(`${root}/`), name])
      const stat = lstatSync(path)
      const shown = (name as unknown as Buffer).toString('latin1')
      if (stat.isSymbolicLink()) return `${shown} → ${readlinkSync(path)}`
      const what = `${shown} ${(stat.mode & 0o777).toString(8)}`
      return stat.isDirectory() ? what : `${what} ${stat.size} ${Math.floor(stat.mtimeMs / 1000)}`
    })
    .toSorted()
}

/** A folder of this test's own in memory, where there is one: what is synced there need not wait for a disk. */
export function memoryFolder(): string {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'knowngood-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A folder on ext4, whose times are believed, where there is one. */
export function believedFolder(): string {
  return [tmpdir(), '/var/tmp'].find((folder) => statfsSync(folder).type === 0xef53) ?? process.cwd()
}

import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { extractTarGz } from '../../src/archive/tar-read.ts'
import { writeTarGz } from '../../src/archive/tar-write.ts'
import { extractZip } from '../../src/archive/zip-read.ts'
import { writeZip } from '../../src/archive/zip-write.ts'
import { asOrdinaryUser } from '../helpers/ordinary-user.ts'
import { memoryFolder } from '../helpers/trees.ts'

/** Instead of the system's `sync`, one that fails. */
function brokenSync(dir: string): void {
  mkdirSync(join(dir, 'bin'))
  writeFileSync(join(dir, 'bin/sync'), '#!/bin/sh\necho "the disk is broken" >&2\nexit 1\n', { mode: 0o755 })
  const path = process.env['PATH']
  process.env['PATH'] = `${join(dir, 'bin')}:${path}`
  onTestFinished(() => void (process.env['PATH'] = path))
}

test.each([
  ['zip', writeZip, extractZip],
  ['tar.gz', writeTarGz, extractTarGz],
] as const)(
  'a %s with read-only folders that does not come to the disk leaves nothing, and says why',
  async (ending, write, extract) => {
    const dir = memoryFolder()
    const archive = join(dir, `x.${ending}`)
    await asOrdinaryUser(dir, async () => {
      mkdirSync(join(dir, 'tree/module'), { recursive: true })
      writeFileSync(join(dir, 'tree/module/a'), 'x')
      chmodSync(join(dir, 'tree/module'), 0o555)
      await write({ root: join(dir, 'tree'), exclude: [], to: archive, threads: 0 })
      mkdirSync(join(dir, 'to'))
      brokenSync(dir)
      await expect(extract(archive, join(dir, 'to/tree'), { threads: 0 })).rejects.toThrow('sync -f ended with code 1')
    })
    expect(readdirSync(join(dir, 'to'))).toEqual([])
  },
)

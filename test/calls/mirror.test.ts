import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { mirrorCalls } from '../../src/calls/mirror.ts'
import type { ListedBackup } from '../../src/core/backup.ts'
import { backingUp } from '../helpers/backing-up.ts'
import { testIo } from '../helpers/io.ts'

/** A backup of a kind, as it is listed right after it was made. */
async function made(kind: 'set' | 'quick' | 'full', name?: string) {
  const at = backingUp()
  at.sh('push', '--quiet', 'origin', 'main')
  const result = await at.make({ kind, ...(name === undefined ? {} : { name }) })
  expect(result.error).toBeNull()
  const [backup] = (await at.list()) as [ListedBackup]
  const copied = () => mirrorCalls['mirror.files']({ backup, folder: 'mosaic/production' }, testIo(at.root))
  return { at, backup, copied }
}

test.each(['MANIFEST.md', 'backup.json', 'CHECKSUM.sha256'])(
  'a set whose %s is no longer what was recorded is not copied off site',
  async (file) => {
    const { at, backup, copied } = await made('set', 'before')
    expect((await copied()).copy).toMatchObject({ id: 'before' })
    const path = join(at.root, backup.path, file)
    chmodSync(path, 0o600)
    writeFileSync(path, readFileSync(path).fill(0x30, 2, 4))
    await expect(copied()).rejects.toThrow(/is not what was recorded, and is not copied|cannot be read|line 1/)
  },
)

test('a set that has lost a file is not copied off site', async () => {
  const { at, backup, copied } = await made('set', 'before')
  rmSync(join(at.root, backup.path, 'MANIFEST.md'))
  await expect(copied()).rejects.toThrow(/MANIFEST\.md is gone, and is not copied/)
})

test.each(['quick', 'full'] as const)('a %s backup whose record has changed is not copied off site', async (kind) => {
  const { at, backup, copied } = await made(kind)
  expect((await copied()).copy).toMatchObject({ id: backup.id })
  writeFileSync(join(at.root, backup.path), `${readFileSync(join(at.root, backup.path), 'utf8')} `)
  await expect(copied()).rejects.toThrow(/is not what was recorded, and is not copied/)
})

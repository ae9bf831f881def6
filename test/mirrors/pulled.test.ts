import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { expect, test } from 'vitest'
import type { Io } from '../../src/core/plan.ts'
import type { MirrorCopy } from '../../src/core/plug-in.ts'
import { directoryCalls } from '../../src/mirrors/directory-calls.ts'
import { exists } from '../../src/world/files.ts'
import { testIo } from '../helpers/io.ts'
import { temporaryFolder } from '../helpers/temp.ts'
import { noMounts, volume } from '../helpers/volume.ts'

const MARKER = '.knowngood-mirror'
const FOLDER = 'mosaic/production/set/set-1'

/** A backup of these files, and the copying of it to a drive; `bytes` is told after every file. */
function copying(dir: string, files: Record<string, string>) {
  const made = Object.entries(files).map(([path, text]) => {
    const file = join(dir, 'backup', path)
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, text)
    return { path, file, bytes: text.length, sha256: createHash('sha256').update(text).digest('hex') }
  })
  const copy: MirrorCopy = {
    id: 'set-1',
    kind: 'set',
    at: '2025-11-21T12:00:00.000Z',
    digest: 'd'.repeat(64),
    folder: FOLDER,
    files: made,
  }
  return (to: string, mounted: boolean, bytes: Io['bytes']) =>
    directoryCalls['directory.put']({ options: { to, mounted }, copy }, { ...testIo(dir), bytes })
}

test('fault 28: a drive that is pulled while it is written to is not made up, and its copy goes on when it is back', async () => {
  const dir = temporaryFolder()
  const [here, away] = [join(dir, 'drive'), join(dir, 'drive-away')]
  mkdirSync(here)
  writeFileSync(join(here, MARKER), '')
  const put = copying(dir, { 'one.txt': '1', 'sub/two.txt': '2', 'three.txt': '3' })
  await expect(put(here, false, (done) => done === 1 && renameSync(here, away))).rejects.toThrow(
    /went away while it was written to/,
  )
  expect(await exists(here)).toBe(false)
  renameSync(away, here)
  const { ino } = statSync(join(here, FOLDER, '..', '.set-1.partial/one.txt'))
  await put(here, false, () => {})
  expect(statSync(join(here, FOLDER, 'one.txt')).ino).toBe(ino)
  expect(readFileSync(join(here, FOLDER, 'sub/two.txt'), 'utf8')).toBe('2')
})

test.skipIf(noMounts)(
  'fault 28: a volume that is unmounted meanwhile leaves nothing on the disk below it',
  async () => {
    const dir = temporaryFolder()
    const to = volume(join(dir, 'drive'), 'size=1m')
    writeFileSync(join(to, MARKER), '')
    const put = copying(dir, { 'one.txt': '1', 'two.txt': '2' })
    await expect(put(to, true, () => void execaSync('umount', ['-l', to]))).rejects.toThrow(/went away while/)
    expect(readdirSync(to)).toEqual([])
  },
)

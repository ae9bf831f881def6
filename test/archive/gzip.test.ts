import { execFileSync } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { sha256File } from '../../src/archive/checksum.ts'
import { gunzipFile, gzipFile } from '../../src/archive/gzip-file.ts'
import { writeGzip } from '../../src/archive/gzip-write.ts'
import { temporaryFolder } from '../helpers/temp.ts'
import { noise } from '../helpers/random.ts'

test.each([0, 1, 1 << 20, (1 << 20) + 1, 5_000_000])('a file of %i bytes comes back, by gunzip too', async (size) => {
  const dir = temporaryFolder()
  const data = Buffer.concat([noise(size >> 2), Buffer.alloc(size - (size >> 2), 'text ')])
  await writeFile(join(dir, 'from'), data)
  const made = await gzipFile(join(dir, 'from'), join(dir, 'to.gz'))
  expect(made).toEqual({
    bytes: lstatSync(join(dir, 'to.gz')).size,
    rawBytes: size,
    sha256: await sha256File(join(dir, 'to.gz')),
  })
  expect(execFileSync('gunzip', ['-c', join(dir, 'to.gz')], { maxBuffer: 1 << 28 }).equals(data)).toBe(true)
  expect(await gunzipFile(join(dir, 'to.gz'), join(dir, 'back'))).toEqual({ bytes: size })
  expect(readFileSync(join(dir, 'back')).equals(data)).toBe(true)
  expect(readdirSync(dir).toSorted()).toEqual(['back', 'from', 'to.gz'])
})

test('what a child prints can be packed as it comes', async () => {
  const dir = temporaryFolder()
  const sink = await writeGzip(join(dir, 'dump.gz'))
  for (let line = 0; line < 1_000; line += 1) await sink.write(Buffer.from(`line ${line}\n`))
  expect(readdirSync(dir)).not.toContain('dump.gz')
  const { rawBytes } = await sink.close()
  await sink.abort()
  expect(execFileSync('gunzip', ['-c', join(dir, 'dump.gz')]).length).toBe(rawBytes)
})

test('damaged, cut, too large and foreign files are errors that leave nothing', async () => {
  const dir = temporaryFolder()
  const whole = gzipSync(noise(100_000))
  const flipped = Buffer.from(whole)
  flipped[50_000] = (flipped[50_000] ?? 0) ^ 1
  const broken = { cut: whole.subarray(0, -4), flipped, foreign: Buffer.from('no gzip'), empty: Buffer.alloc(0) }
  for (const [name, bytes] of Object.entries(broken)) {
    await writeFile(join(dir, name), bytes)
    await expect(gunzipFile(join(dir, name), join(dir, 'back')), name).rejects.toThrow('damaged')
  }
  await writeFile(join(dir, 'whole'), whole)
  await expect(gunzipFile(join(dir, 'whole'), join(dir, 'back'), { limit: 99_999 })).rejects.toThrow('more than')
  symlinkSync('whole', join(dir, 'link'))
  await expect(gunzipFile(join(dir, 'link'), join(dir, 'back'))).rejects.toThrow()
  expect(readdirSync(dir).toSorted()).toEqual([...Object.keys(broken), 'link', 'whole'].toSorted())
})

test('stopped, or onto a name that is taken, it leaves what was there', async () => {
  const dir = temporaryFolder()
  await writeFile(join(dir, 'from'), noise(3_000_000))
  await writeFile(join(dir, 'taken.gz'), 'older')
  await expect(gzipFile(join(dir, 'from'), join(dir, 'taken.gz'))).rejects.toThrow('exists already')
  const stop = AbortSignal.abort()
  await expect(gzipFile(join(dir, 'from'), join(dir, 'to.gz'), { signal: stop })).rejects.toThrow('aborted')
  expect(readFileSync(join(dir, 'taken.gz'), 'utf8')).toBe('older')
  expect(readdirSync(dir).toSorted()).toEqual(['from', 'taken.gz'])
})

import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { StepFailed } from '../../src/core/failure.ts'
import { gunzipFile } from '../../src/archive/gzip-file.ts'
import { extractTarGz } from '../../src/archive/tar-read.ts'
import { writeTarGz } from '../../src/archive/tar-write.ts'
import { extractZip } from '../../src/archive/zip-read.ts'
import { writeZip } from '../../src/archive/zip-write.ts'
import { noise, randomNumbers } from '../helpers/random.ts'
import { memoryFolder } from '../helpers/trees.ts'

const ROUNDS = 150
const CONTENT: Record<string, Buffer> = {
  'folder/text': Buffer.from('text that compresses '.repeat(60)),
  'folder/noise': noise(300),
}

async function archives(dir: string) {
  const root = join(dir, 'tree')
  await mkdir(join(root, 'folder'), { recursive: true })
  await mkdir(join(root, 'empty'))
  for (const [name, content] of Object.entries(CONTENT)) writeFileSync(join(root, name), content)
  writeFileSync(join(root, `long-${'n'.repeat(120)}`), 'x')
  await writeZip({ root, exclude: [], to: join(dir, 'x.zip') })
  await writeTarGz({ root, exclude: [], to: join(dir, 'x.tar.gz') })
  return { zip: await readFile(join(dir, 'x.zip')), tar: await readFile(join(dir, 'x.tar.gz')) }
}

/** A few bytes other than they were: flipped, set to what hurts, cut out, doubled, or cut off. */
function mutate(whole: Buffer, random: () => number): Buffer {
  const bytes = Buffer.from(whole)
  const place = (): number => Math.floor(random() * bytes.length)
  const kind = random()
  if (kind < 0.1) return bytes.subarray(0, place())
  if (kind < 0.2) return Buffer.concat([bytes.subarray(0, place()), bytes.subarray(place())])
  for (let count = 1 + Math.floor(random() * 4); count > 0; count -= 1)
    bytes[place()] = [0, 1, 0x2e, 0x2f, 0x7f, 0x80, 0xff, Math.floor(random() * 256)][Math.floor(random() * 8)] ?? 0
  return bytes
}

/** Unpacks what may be broken: an error we know, or a tree; nothing beside it either way. True for a tree. */
async function survives(
  bytes: Buffer,
  dir: string,
  unpack: (path: string, to: string) => Promise<unknown>,
): Promise<boolean> {
  const box = join(dir, 'box')
  await mkdir(box)
  writeFileSync(join(box, 'archive'), bytes)
  const error = await unpack(join(box, 'archive'), join(box, 'out')).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error === null || error instanceof StepFailed, String(error)).toBe(true)
  expect(readdirSync(box).toSorted()).toEqual(error === null ? ['archive', 'out'] : ['archive'])
  rmSync(box, { recursive: true, force: true })
  expect(readdirSync(dir).toSorted()).toEqual(['tree', 'x.tar.gz', 'x.zip'])
  return error === null
}

/** What is in a file whose name survived must be what was in it, or the archive is refused. */
async function unchanged(out: string): Promise<void> {
  for (const name of readdirSync(out, { recursive: true, encoding: 'utf8' })) {
    const was = CONTENT[name]
    if (was !== undefined && !(await readFile(join(out, name))).equals(was))
      throw new Error(`${name} holds wrong bytes`)
  }
}

test('a zip that was altered anywhere is refused, or holds the right bytes', async () => {
  const dir = memoryFolder()
  const { zip } = await archives(dir)
  const random = randomNumbers(7)
  for (let round = 0; round < ROUNDS; round += 1)
    await survives(mutate(zip, random), dir, async (path, to) => {
      await extractZip(path, to, { threads: 0, limits: { bytes: 1e9 } })
      await unchanged(to)
    })
}, 60_000)

test('a .tar.gz that was altered anywhere is refused', async () => {
  const dir = memoryFolder()
  const { tar } = await archives(dir)
  const random = randomNumbers(8)
  for (let round = 0; round < ROUNDS; round += 1)
    await survives(mutate(tar, random), dir, async (path, to) => {
      await extractTarGz(path, to, { limits: { bytes: 1e9 } })
      await unchanged(to)
    })
}, 60_000)

test('a tar that was altered inside its gzip never writes elsewhere, hangs or crashes', async () => {
  const dir = memoryFolder()
  const { tar } = await archives(dir)
  const plain = gunzipSync(tar)
  const random = randomNumbers(9)
  let fine = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const whole = await survives(gzipSync(mutate(plain, random)), dir, (path, to) =>
      extractTarGz(path, to, { limits: { bytes: 1e9 } }),
    )
    fine += whole ? 1 : 0
  }
  expect(fine).toBeLessThan(ROUNDS)
}, 60_000)

test('a .gz that was altered is refused, or holds the right bytes', async () => {
  const dir = memoryFolder()
  await archives(dir)
  const content = Buffer.concat([noise(2_000), Buffer.alloc(5_000, 'text')])
  const random = randomNumbers(10)
  for (let round = 0; round < ROUNDS; round += 1)
    await survives(mutate(gzipSync(content), random), dir, async (path, to) => {
      await gunzipFile(path, to, { limit: 1e6 })
      expect((await readFile(to)).equals(content)).toBe(true)
    })
}, 60_000)

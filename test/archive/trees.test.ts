import { chmodSync, mkdirSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { extractTarGz } from '../../src/archive/tar-read.ts'
import { writeTarGz } from '../../src/archive/tar-write.ts'
import { extractZip } from '../../src/archive/zip-read.ts'
import { writeZip } from '../../src/archive/zip-write.ts'
import { noise, randomNumbers } from '../helpers/random.ts'
import { memoryFolder, sameTree } from '../helpers/trees.ts'

const SEEDS = [1, 2, 3, 4]
const BITS = ['a', ' ', 'é', '日', '🎉', '\\', "'", '"', '\n', '\t', '\u001b', '-', '.', '*', '%', 'Z', '\u202e', '$']

/** Any tree a file system can hold, the same for the same seed. */
function randomTree(root: string, seed: number): void {
  const random = randomNumbers(seed)
  const below = (most: number): number => Math.floor(random() * most)
  const folders = ['']
  const taken = new Set<string>()
  mkdirSync(root)
  const fresh = (): Buffer => {
    for (;;) {
      const folder = folders[below(folders.length)] ?? ''
      const length = random() < 0.1 ? 60 : 1 + below(8)
      const name = Array.from({ length }, () => BITS[below(BITS.length)]).join('')
      const odd = random() < 0.1 ? Buffer.from([0xff, 0xc3, 0x28]) : Buffer.alloc(0)
      const path = Buffer.concat([Buffer.from(`${folder === '' ? '' : `${folder}/`}${name}`), odd])
      const key = path.toString('latin1')
      if (/^\.{1,2}$/.test(name) || taken.has(key) || path.length - folder.length > 250) continue
      taken.add(key)
      return path
    }
  }
  const at = (path: Buffer): Buffer => Buffer.concat([Buffer.from(`${root}/`), path])
  for (let index = 0; index < 40; index += 1) {
    const path = fresh()
    const kind = random()
    if (kind < 0.2 && Buffer.from(path.toString()).equals(path)) {
      mkdirSync(at(path))
      folders.push(path.toString())
    } else if (kind < 0.3) symlinkSync(Buffer.from(`${'x/'.repeat(below(90))}${BITS[below(BITS.length)]}`), at(path))
    else {
      const size = [0, 1, 31, 32, 4_096, 70_000, 1 << 20, (1 << 20) + 1, 2_500_000][below(9)] ?? 0
      writeFileSync(at(path), random() < 0.5 ? noise(size, index) : Buffer.alloc(size, 'words and words '))
      if (random() < 0.1) truncateSync(at(path), size + 3_000_000)
      chmodSync(at(path), 0o400 | below(0o400))
      utimesSync(at(path), below(2 ** 31), below(2 ** 31))
    }
  }
}

test.each(SEEDS)('random tree %i survives both kinds of archive, with workers and without', async (seed) => {
  const dir = memoryFolder()
  const root = join(dir, 'tree')
  randomTree(root, seed)
  const digests = []
  for (const threads of [0, 2]) {
    const zip = join(dir, `${threads}.zip`)
    const tar = join(dir, `${threads}.tar.gz`)
    const made = [
      await writeZip({ root, exclude: [], to: zip, threads }),
      await writeTarGz({ root, exclude: [], to: tar, threads }),
    ]
    digests.push(made.map(({ sha256 }) => sha256))
    await extractZip(zip, join(dir, `zip-${threads}`), { threads })
    sameTree(root, join(dir, `zip-${threads}`))
    await extractTarGz(tar, join(dir, `tar-${threads}`))
    sameTree(root, join(dir, `tar-${threads}`))
  }
  expect(digests[1]).toEqual(digests[0])
})

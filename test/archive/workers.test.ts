import { build } from 'esbuild'
import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { sha256File } from '../../src/archive/checksum.ts'
import { gzipFile } from '../../src/archive/gzip-file.ts'
import { hashFiles } from '../../src/archive/hash-files.ts'
import { openPool } from '../../src/archive/pool.ts'
import { extractZip } from '../../src/archive/zip-read.ts'
import { writeZip } from '../../src/archive/zip-write.ts'
import { noise } from '../helpers/random.ts'
import { temporaryFolder } from '../helpers/temp.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const fixture = here('../fixtures/archive-bundled.ts')

function tree(dir: string): string {
  const root = join(dir, 'tree')
  mkdirSync(root)
  writeFileSync(join(root, 'large'), noise(6_000_000))
  for (let index = 0; index < 50; index += 1) writeFileSync(join(root, String(index)), noise(60_000, index))
  return root
}

type Said = { sha256: string; large: string; workers: { began: number; failed: number } }
function run(program: string, root: string, to: string): Said {
  return JSON.parse(execFileSync(process.execPath, [program, root, to], { encoding: 'utf8' })) as Said
}

/** As `.config/build.ts` does it: the program and the worker side by side, what they share in `chunks/`. */
async function bundle(dir: string, splitting: boolean): Promise<string> {
  await build({
    entryPoints: [fixture, here('../../src/archive/archive-worker.ts')],
    outdir: join(dir, 'dist'),
    entryNames: '[name]',
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    logLevel: 'silent',
  })
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}')
  return join(dir, 'dist/archive-bundled.js')
}

test('workers are found from the source and from the bundle, in one piece and in chunks', async () => {
  const dir = temporaryFolder()
  const root = tree(dir)
  const expected = { sha256: expect.any(String) as string, large: await sha256File(join(root, 'large')) }
  const source = run(fixture, root, join(dir, 'one'))
  const chunks = run(await bundle(join(dir, 'b'), true), root, join(dir, 'two'))
  const single = run(await bundle(join(dir, 'c'), false), root, join(dir, 'three'))
  for (const said of [source, chunks, single]) {
    expect(said).toMatchObject(expected)
    expect(said.workers.failed).toBe(0)
    expect(said.workers.began).toBeGreaterThanOrEqual(2)
  }
  expect([chunks.sha256, single.sha256]).toEqual([source.sha256, source.sha256])
})

test('without a worker to be found it works all the same, with the same bytes', async () => {
  const dir = temporaryFolder()
  const root = tree(dir)
  const program = await bundle(join(dir, 'b'), true)
  rmSync(join(dir, 'b/dist/archive-worker.js'))
  const said = run(program, root, join(dir, 'back'))
  expect(said.workers).toMatchObject({ began: expect.any(Number) as number })
  expect(said.workers.failed).toBeGreaterThan(0)
  const { sha256 } = await writeZip({ root, exclude: [], to: join(dir, 'here.zip'), threads: 0 })
  expect(said.sha256).toBe(sha256)
  expect(readFileSync(join(dir, 'back/large')).equals(readFileSync(join(root, 'large')))).toBe(true)
})

test('one long file is packed by workers, and a short one without any', async () => {
  const dir = temporaryFolder()
  let began = 0
  const count = (): void => void (began += 1)
  process.on('worker', count)
  try {
    for (const [name, bytes, least, most] of [
      ['short', 1_500_000, 0, 0],
      ['long', 12_000_000, 2, 2],
    ] as const) {
      began = 0
      writeFileSync(join(dir, name), noise(bytes))
      await gzipFile(join(dir, name), join(dir, `${name}.gz`), { threads: 2 })
      expect(began).toBeGreaterThanOrEqual(least)
      expect(began).toBeLessThanOrEqual(most)
    }
  } finally {
    process.off('worker', count)
  }
})

test('a file that is mostly hole is packed byte for byte, holes, content and all', async () => {
  const dir = temporaryFolder()
  const root = join(dir, 'tree')
  mkdirSync(root)
  const file = join(root, 'sparse')
  const written = openSync(file, 'w')
  for (const [at, seed] of [
    [5, 1],
    [90_000_000, 2],
    [170_000_003, 3],
  ] as const)
    writeSync(written, noise(100_001, seed), 0, 100_001, at)
  closeSync(written)
  await writeZip({ root, exclude: [], to: join(dir, 'a.zip'), index: join(dir, 'a.index') })
  await extractZip(join(dir, 'a.zip'), join(dir, 'back'))
  expect(await sha256File(join(dir, 'back/sparse'))).toBe(await sha256File(file))
})

test('the build makes the worker an entry of its own', () => {
  expect(readFileSync(here('../../.config/build.ts'), 'utf8')).toContain("'src/archive/archive-worker.ts'")
})

test.each([0, 2])('stopped, a pool of %i rejects what it was doing and what waits, and ends', async (threads) => {
  const dir = temporaryFolder()
  const large = join(dir, 'large')
  execFileSync('truncate', ['-s', '3G', large])
  const stop = new AbortController()
  const pool = openPool(stop.signal, threads)
  const jobs = [large, large, large, large, large].map((path) => pool.run('hash', { paths: [path] }))
  while (pool.counted() === 0) await new Promise((resolve) => setImmediate(resolve))
  stop.abort(new Error('enough'))
  const ends = await Promise.allSettled(jobs)
  expect(ends.map((end) => end.status === 'rejected' && String(end.reason))).toEqual(Array(5).fill('Error: enough'))
  await expect(pool.run('hash', { paths: [large] })).rejects.toThrow('enough')
  await pool.end()
  expect(pool.counted()).toBeLessThan(15 * 2 ** 30)
})

test('a thread that joins in does its share, and others get a turn meanwhile', async () => {
  const dir = temporaryFolder()
  const paths = Array.from({ length: 1_500 }, (_, index) => `file-${index}`)
  for (const path of paths) writeFileSync(join(dir, path), path)
  let turns = 0
  const clock = setInterval(() => (turns += 1), 1)
  const alone = await hashFiles(dir, paths, { threads: 0 })
  const shared = await hashFiles(dir, paths, { threads: 2 })
  clearInterval(clock)
  expect(shared).toEqual(alone)
  expect(shared.get('file-7')?.sha256).toBe(await sha256File(join(dir, 'file-7')))
  expect(turns).toBeGreaterThan(5)
})

test("a job's error keeps its message, its code and its kind on its way out of a worker", async () => {
  const dir = temporaryFolder()
  const pool = openPool(undefined, 1)
  try {
    await expect(pool.run('hash', { paths: [dir] })).rejects.toMatchObject({ name: 'StepFailed', step: 'hash' })
    writeFileSync(join(dir, 'file'), '')
    await expect(pool.run('hash', { paths: [join(dir, 'file/below')] })).rejects.toMatchObject({ code: 'ENOTDIR' })
  } finally {
    await pool.end()
  }
})

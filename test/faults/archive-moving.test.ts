import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { gzipFile } from '../../src/archive/gzip-file.ts'
import { extractTarGz } from '../../src/archive/tar-read.ts'
import { writeTarGz } from '../../src/archive/tar-write.ts'
import { extractZip } from '../../src/archive/zip-read.ts'
import { writeZip } from '../../src/archive/zip-write.ts'
import { noise } from '../helpers/random.ts'
import { temporaryFolder } from '../helpers/temp.ts'

/** A process that does something to a file as fast as it can, until the test is over. */
async function busy(file: string, does: string): Promise<void> {
  const script = `const fs = require('fs'); process.stdout.write('at it'); for (;;) ${does}`
  const child = spawn(process.execPath, ['-e', script, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  await once(child.stdout, 'data')
}

const GROW = "fs.appendFileSync(process.argv[1], 'more\\n')"
const REWRITE = 'fs.writeFileSync(process.argv[1], String(Math.random()).repeat(1000))'

function tree(): { dir: string; root: string; log: string } {
  const dir = temporaryFolder()
  const root = join(dir, 'tree')
  mkdirSync(root)
  const log = join(root, 'app.log')
  writeFileSync(log, Buffer.alloc(4_000_000, 'line\n'))
  writeFileSync(join(root, 'still'), noise(2_000_000))
  return { dir, root, log }
}

const KINDS = [
  ['zip', writeZip, extractZip],
  ['tarball', writeTarGz, extractTarGz],
] as const

test.each(KINDS)(
  'fault 18: a large file that grows while it is read is named, and the %s still opens',
  async (_, write, extract) => {
    const { dir, root, log } = tree()
    // Longer than what is read ahead of what is written, and longer again with every piece that was.
    appendFileSync(log, Buffer.alloc(20_000_000, 'line\n'))
    const onBytes = () => appendFileSync(log, 'more\n')
    const made = await write({ root, exclude: [], to: join(dir, 'x'), threads: 0, onBytes })
    expect(made.unsettled).toEqual(['app.log'])
    await extract(join(dir, 'x'), join(dir, 'back'))
    const [then, now] = [readFileSync(join(dir, 'back/app.log')), readFileSync(log)]
    expect(then.length).toBeGreaterThanOrEqual(24_000_000)
    expect(now.subarray(0, then.length).equals(then)).toBe(true)
    expect(readFileSync(join(dir, 'back/still')).equals(readFileSync(join(root, 'still')))).toBe(true)
  },
)

test.each(KINDS)(
  'fault 18: a small file that is written again and again is whole as it once was, or named, in a %s',
  async (_, write, extract) => {
    const { dir, root } = tree()
    const file = join(root, 'state')
    writeFileSync(file, '0')
    await busy(file, REWRITE)
    const made = await write({ root, exclude: [], to: join(dir, 'x') })
    await extract(join(dir, 'x'), join(dir, 'back'))
    const text = readFileSync(join(dir, 'back/state'), 'utf8')
    const once = text.slice(0, text.length / 1_000)
    expect(made.unsettled.includes('state') || text === once.repeat(1_000)).toBe(true)
  },
)

test.each(KINDS)(
  'fault 18: a file that vanishes meanwhile is named, or was not seen, and the %s is whole',
  async (_, write, extract) => {
    const { dir, root } = tree()
    for (let index = 0; index < 3_000; index += 1) writeFileSync(join(root, `file-${index}`), 'x')
    const going = write({
      root,
      exclude: [],
      to: join(dir, 'x'),
      onBytes: () => rmSync(join(root, 'file-999'), { force: true }),
    })
    for (let index = 500; index < 1_500; index += 1) rmSync(join(root, `file-${index}`), { force: true })
    const made = await going
    await extract(join(dir, 'x'), join(dir, 'back'))
    const back = new Set(readdirSync(join(dir, 'back')))
    const lost = Array.from({ length: 3_000 }, (_, index) => `file-${index}`).filter((name) => !back.has(name))
    expect(back.size).toBe(made.files)
    expect(
      lost.every((name) => /^file-(\d+)$/.test(name) && Number(name.slice(5)) >= 500 && Number(name.slice(5)) < 1_500),
    ).toBe(true)
    expect(made.unsettled.every((name) => !back.has(name))).toBe(true)
  },
)

test('fault 18: a file that changes while it is packed alone is refused and leaves nothing', async () => {
  const { dir, log } = tree()
  await busy(log, GROW)
  await expect(gzipFile(log, join(dir, 'x.gz'))).rejects.toThrow('changed while it was read')
  expect(readdirSync(dir)).toEqual(['tree'])
})

test('fault 18: a file that shrinks while a tarball is made leaves its place filled, and is named', async () => {
  const { dir, root, log } = tree()
  const made = await writeTarGz({
    root,
    exclude: [],
    to: join(dir, 'x.tar.gz'),
    onBytes: (done) => done === 1 << 20 && writeFileSync(log, 'cut'),
  })
  expect(made.unsettled).toEqual(['app.log'])
  await extractTarGz(join(dir, 'x.tar.gz'), join(dir, 'back'))
  expect(lstatSync(join(dir, 'back/app.log')).size).toBe(4_000_000)
})

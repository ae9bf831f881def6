import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  truncateSync,
  utimesSync,
} from 'node:fs'
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sha256File } from '../../src/archive/checksum.ts'
import { excluder } from '../../src/archive/excludes.ts'
import { DEFAULT_EXCLUDES } from '../../src/core/default-excludes.ts'
import { extractZip, listZip } from '../../src/archive/zip-read.ts'
import { writeZip } from '../../src/archive/zip-write.ts'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kg-zip-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const has = (tool: string) => spawnSync(tool, ['--version']).error === undefined

async function tree(): Promise<string> {
  const root = join(dir, 'tree')
  await mkdir(join(root, 'empty'), { recursive: true })
  await mkdir(join(root, 'a/deep/er'), { recursive: true })
  await mkdir(join(root, 'node_modules/x'), { recursive: true })
  await writeFile(join(root, 'node_modules/x/left.js'), 'out')
  await writeFile(join(root, 'a/deep/er/file.txt'), 'text '.repeat(5_000))
  await writeFile(join(root, 'a/zero'), '')
  await writeFile(join(root, 'ünï 日本 🎉.txt'), 'names')
  await writeFile(join(root, '-rf'), 'dash')
  await writeFile(join(root, 'new\nline'), 'break')
  await writeFile(join(root, 'esc\u001b[31m'), 'escape')
  await writeFile(join(root, 'x'.repeat(255)), 'long')
  await writeFile(join(root, 'run.sh'), '#!/bin/sh\n')
  chmodSync(join(root, 'run.sh'), 0o755)
  symlinkSync('a/deep', join(root, 'link'))
  utimesSync(join(root, 'run.sh'), new Date('2024-03-31T01:30:00Z'), new Date('2024-03-31T01:30:00Z'))
  return root
}

describe('writing', () => {
  test('a tree comes back as it was', async () => {
    const root = await tree()
    const to = join(dir, 'out.zip')
    const result = await writeZip({ root, exclude: DEFAULT_EXCLUDES, to })
    expect(result).toMatchObject({
      unsettled: [],
      skipped: [],
      bytes: lstatSync(to).size,
      sha256: await sha256File(to),
    })
    expect(lstatSync(to).mode & 0o777).toBe(0o600)
    const back = join(dir, 'back')
    await extractZip(to, back)
    expect(execFileSync('diff', ['-r', '--no-dereference', '-x', 'node_modules', root, back]).toString()).toBe('')
    expect(readdirSync(join(back, 'empty'))).toEqual([])
    expect(readlinkSync(join(back, 'link'))).toBe('a/deep')
    expect(lstatSync(join(back, 'run.sh')).mode & 0o777).toBe(0o755)
    expect(lstatSync(join(back, 'run.sh')).mtime.toISOString()).toBe('2024-03-31T01:30:00.000Z')
    expect(existsSync(join(back, 'node_modules'))).toBe(false)
    expect(readdirSync(dir).toSorted()).toEqual(['back', 'out.zip', 'tree'])
  })

  test.skipIf(!has('unzip'))('unzip, bsdtar and Python open it', async () => {
    const root = await tree()
    const to = join(dir, 'out.zip')
    await writeZip({ root, exclude: DEFAULT_EXCLUDES, to, prefix: 'site' })
    execFileSync('unzip', ['-tq', to])
    execFileSync('unzip', ['-q', to, '-d', join(dir, 'unzipped')], { env: { ...process.env, LC_ALL: 'C.UTF-8' } })
    expect(readFileSync(join(dir, 'unzipped/site/ünï 日本 🎉.txt'), 'utf8')).toBe('names')
    expect(readlinkSync(join(dir, 'unzipped/site/link'))).toBe('a/deep')
    expect(lstatSync(join(dir, 'unzipped/site/run.sh')).mode & 0o777).toBe(0o755)
    const script = 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), len(z.namelist()))'
    const seen = has('python3') ? execFileSync('python3', ['-c', script, to]).toString().trim() : 'None 13'
    expect(seen).toBe('None 13')
    if (has('bsdtar')) execFileSync('bsdtar', ['-tf', to])
  })

  test('the same tree gives the same bytes', async () => {
    const root = await tree()
    const one = await writeZip({ root, exclude: DEFAULT_EXCLUDES, to: join(dir, '1.zip') })
    const two = await writeZip({ root, exclude: DEFAULT_EXCLUDES, to: join(dir, '2.zip') })
    expect(one.sha256).toBe(two.sha256)
  })

  test('large, dense and sparse files', async () => {
    const root = join(dir, 'tree')
    await mkdir(root)
    await writeFile(join(root, 'large.txt'), Buffer.alloc(5_000_000, 'abcdefg\n'))
    await writeFile(join(root, 'dense.png'), Buffer.alloc(3_000_000, 7))
    await writeFile(join(root, 'sparse'), '')
    truncateSync(join(root, 'sparse'), 40_000_000)
    const seen: number[] = []
    const to = join(dir, 'out.zip')
    await writeZip({ root, exclude: [], to, onBytes: (done) => seen.push(done) })
    expect(seen.at(-1)).toBe(48_000_000)
    await extractZip(to, join(dir, 'back'))
    for (const name of ['large.txt', 'dense.png', 'sparse']) {
      expect(await sha256File(join(dir, 'back', name))).toBe(await sha256File(join(root, name)))
    }
  })

  test('names that are no UTF-8 come back byte for byte', async () => {
    const root = join(dir, 'tree')
    await mkdir(root)
    const name = Buffer.concat([Buffer.from(`${root}/bad-`), Buffer.from([0xff, 0xe9])])
    await writeFile(name, 'latin')
    await writeZip({ root, exclude: [], to: join(dir, 'out.zip') })
    await extractZip(join(dir, 'out.zip'), join(dir, 'back'))
    const names = readdirSync(join(dir, 'back'), { encoding: 'buffer' })
    expect(names[0]?.subarray(-2)).toEqual(Buffer.from([0xff, 0xe9]))
  })

  test('pipes and sockets do not hang it and are named', async () => {
    const root = join(dir, 'tree')
    await mkdir(root)
    await writeFile(join(root, 'file'), 'x')
    execFileSync('mkfifo', [join(root, 'pipe')])
    const result = await writeZip({ root, exclude: [], to: join(dir, 'out.zip') })
    expect(result).toMatchObject({ files: 1, skipped: ['pipe'] })
  })

  test('a file that keeps changing is named, and the archive still holds', async () => {
    const root = join(dir, 'tree')
    await mkdir(root)
    const log = join(root, 'app.log')
    await writeFile(log, Buffer.alloc(3_000_000, 'line\n'))
    const going = new AbortController()
    const writer = (async () => {
      while (!going.signal.aborted) await appendFile(log, 'more\n')
    })()
    const to = join(dir, 'out.zip')
    const result = await writeZip({ root, exclude: [], to })
    going.abort()
    await writer
    expect(result.unsettled).toEqual(['app.log'])
    await extractZip(to, join(dir, 'back'))
    expect((await readFile(log, 'utf8')).startsWith(await readFile(join(dir, 'back/app.log'), 'utf8'))).toBe(true)
  })

  test('an empty tree, a gone one, a taken name and a link out are refused and leave nothing', async () => {
    const root = join(dir, 'tree')
    await mkdir(join(root, 'sub'), { recursive: true })
    const to = join(dir, 'out.zip')
    await expect(writeZip({ root, exclude: [], to })).rejects.toThrow('nothing to archive')
    await expect(writeZip({ root: join(dir, 'gone'), exclude: [], to })).rejects.toThrow('not a folder')
    symlinkSync('../../secret', join(root, 'sub/out'))
    await expect(writeZip({ root, exclude: [], to })).rejects.toThrow('leads out')
    await rm(join(root, 'sub/out'))
    await writeFile(join(root, 'file'), 'x')
    await writeFile(to, 'older')
    await expect(writeZip({ root, exclude: [], to })).rejects.toThrow('exists already')
    expect(await readFile(to, 'utf8')).toBe('older')
    expect(readdirSync(dir).toSorted()).toEqual(['out.zip', 'tree'])
  })

  test('stopped, it leaves nothing; an archive in its own tree does not hold itself', async () => {
    const root = await tree()
    const stop = AbortSignal.abort()
    await expect(writeZip({ root, exclude: [], to: join(root, 'out.zip'), signal: stop })).rejects.toThrow('aborted')
    expect(existsSync(join(root, 'out.zip'))).toBe(false)
    await writeZip({ root, exclude: [], to: join(root, 'out.zip') })
    expect((await listZip(join(root, 'out.zip'))).map((entry) => entry.name.toString())).not.toContain('out.zip')
  })

  test('only the paths asked for, each once', async () => {
    const root = await tree()
    await writeZip({ root, paths: ['a/deep', 'a/deep/er', './run.sh'], exclude: [], to: join(dir, 'out.zip') })
    const names = (await listZip(join(dir, 'out.zip'))).map((entry) => entry.name.toString())
    expect(names).toEqual(['a/deep/', 'a/deep/er/', 'a/deep/er/file.txt', 'run.sh'])
    await expect(writeZip({ root, paths: ['../x'], exclude: [], to: join(dir, '2.zip') })).rejects.toThrow('outside')
    await expect(writeZip({ root, paths: ['a', 'dist'], exclude: [], to: join(dir, '2.zip') })).rejects.toThrow(
      'dist is not in',
    )
  })

  test('a full disk leaves nothing', async (context) => {
    const mount = join(dir, 'small')
    await mkdir(mount)
    const mounted =
      process.getuid?.() === 0 && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'kg', mount]).status === 0
    if (!mounted) context.skip('a small file system can only be mounted by root')
    try {
      const root = join(dir, 'tree')
      await mkdir(root)
      const noise = Buffer.from(Array.from({ length: 3_000_000 }, () => Math.floor(Math.random() * 256)))
      await writeFile(join(root, 'noise.bin'), noise)
      await writeFile(join(mount, 'older'), 'kept')
      await expect(writeZip({ root, exclude: [], to: join(mount, 'out.zip') })).rejects.toThrow(/ENOSPC/)
      expect(readdirSync(mount)).toEqual(['older'])
    } finally {
      spawnSync('umount', [mount])
    }
  })
})

test('patterns: names anywhere, paths from the root, stars within a part', () => {
  const out = excluder(['node_modules', '/dist', 'docs/*.tmp', '*.log', 'backups/'])
  const paths = [
    'node_modules',
    'a/node_modules',
    'dist',
    'a/dist',
    'docs/x.tmp',
    'docs/a/x.tmp',
    'a/b.log',
    'backups',
    'src/backups',
  ]
  expect(paths.filter(out)).toEqual(['node_modules', 'a/node_modules', 'dist', 'docs/x.tmp', 'a/b.log', 'backups'])
})

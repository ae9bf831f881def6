import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createServer } from 'node:net'
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest'
import type { Call, Io, Step } from '../../src/core/plan.ts'
import type { Mirror, MirrorCopy, MirrorHeld } from '../../src/core/plug-in.ts'
import { mirrors } from '../../src/mirrors/registry.ts'
import { exists } from '../../src/world/files.ts'
import { testIo } from '../helpers/io.ts'
import { needed } from '../helpers/needed.ts'

/** What every mirror promises, on the real rclone (over WebDAV, which calls an altered file of the same size unchanged), restic and a folder. */

const BELOW = 'mosaic/production'
let dir = ''
let io: Io
let copy: MirrorCopy
const ending: (() => void)[] = []

const options: Record<string, () => Record<string, unknown>> = {
  directory: () => ({ to: join(dir, 'drive'), mounted: false }),
  rclone: () => ({ to: 'kgtest:copies' }),
  restic: () => ({ to: join(dir, 'restic'), password: '$KG_TEST_RESTIC_PASSWORD' }),
}
const needs: Record<string, string | null> = { directory: null, rclone: 'rclone', restic: 'restic' }

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'knowngood-mirrors-'))
  io = testIo(dir)
  await mkdir(io.dir, { recursive: true })
  await mkdir(join(dir, 'drive'))
  await writeFile(join(dir, 'drive', '.knowngood-mirror'), '')
  copy = await backup('set-1', {
    'database/main.db': 'rows\n'.repeat(5000),
    'CHECKSUM.sha256': 'sums\n',
    'a b $(x).txt': 'odd',
  })
  process.env['KG_TEST_RESTIC_PASSWORD'] = 'not the right one to guess'
  process.env['RESTIC_CACHE_DIR'] = join(dir, 'cache')
  if (installed('restic')) {
    const env = { RESTIC_PASSWORD: process.env['KG_TEST_RESTIC_PASSWORD'] }
    execaSync('restic', ['-r', join(dir, 'restic'), 'init'], { env })
  }
  if (installed('rclone')) await serveWebdav()
}, 60_000)

afterAll(async () => {
  for (const end of ending) end()
  await rm(dir, { recursive: true, force: true })
})

const installed = (program: string) => execaSync('which', [program], { reject: false }).exitCode === 0

/** Skips where the program is missing. */
function here(context: TestContext, program: string | null): void {
  if (program !== null && !installed(program)) needed(context, `${program} is missing: apt-get install ${program}`)
}

async function serveWebdav(): Promise<void> {
  const port = await new Promise<number>((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = probe.address() as { port: number }
      probe.close(() => done(free))
    })
  })
  await mkdir(join(dir, 'dav'))
  const server = spawn(
    'rclone',
    ['serve', 'webdav', join(dir, 'dav'), '--addr', `127.0.0.1:${port}`, '--dir-cache-time', '0s'],
    {
      stdio: 'pipe',
    },
  )
  ending.push(() => server.kill('SIGKILL'))
  await new Promise<void>((done) =>
    server.stderr.on('data', (text: Buffer) => text.includes('erver started') && done()),
  )
  process.env['RCLONE_CONFIG_KGTEST_TYPE'] = 'webdav'
  process.env['RCLONE_CONFIG_KGTEST_URL'] = `http://127.0.0.1:${port}`
  process.env['RCLONE_CONFIG_KGTEST_VENDOR'] = 'other'
}

async function backup(id: string, files: Record<string, string>): Promise<MirrorCopy> {
  const listed = []
  for (const [path, text] of Object.entries(files)) {
    const file = join(dir, 'backups', id, path)
    await mkdir(join(file, '..'), { recursive: true })
    await writeFile(file, text)
    listed.push({ path, file, bytes: Buffer.byteLength(text), sha256: createHash('sha256').update(text).digest('hex') })
  }
  const digest = createHash('sha256').update(id).digest('hex')
  return { id, kind: 'set', at: '2025-11-21T12:00:00.000Z', digest, folder: `${BELOW}/set/${id}`, files: listed }
}

async function act(mirror: Mirror, step: Step): Promise<unknown> {
  const action = step.actions[0] as Call
  return await mirror.calls[action.name]?.(action.input as never, io)
}

describe.each(Object.entries(mirrors as Record<string, Mirror>))('%s', (use, mirror) => {
  const has = (context: TestContext) => here(context, needs[use] ?? null)
  const given = () => mirror.options.parse(options[use]?.())
  const seen = async (): Promise<MirrorHeld[]> => {
    const found = await mirror.observe(given(), { root: dir, git: { remote: 'origin', branch: 'main' }, below: BELOW })
    if (!found.ok) throw new Error(found.because)
    return found.value.holds
  }
  const put = (what: MirrorCopy) => {
    const about = { id: what.id, folder: what.folder, bytes: 1 }
    return act(mirror, mirror.put(given(), { id: 'put', copy: what, about }))
  }

  test('says what it is, refuses what it does not know, and its steps name calls it has', () => {
    expect(mirror.use).toBe(use)
    expect(mirror.says).toMatch(/^[A-Z].*\.$/)
    expect(() => mirror.options.parse({ ...options[use]?.(), surprise: 1 })).toThrow(/surprise/)
    const held = { ...copy, files: copy.files.map(({ file: _, ...rest }) => rest) }
    for (const step of [mirror.check(given(), { id: 'c', held }), mirror.drop(given(), { id: 'd', held })]) {
      expect(step.actions.map((action) => Object.hasOwn(mirror.calls, (action as Call).name))).toEqual([true])
      expect((step.actions[0] as Call).byHand.length).toBeGreaterThan(0)
    }
  })

  test('takes a copy, knows it again, and reads it back', { timeout: 60_000 }, async (context) => {
    has(context)
    expect(await seen()).toEqual([])
    await put(copy)
    const [held] = await seen()
    expect(held).toMatchObject({ id: 'set-1', kind: 'set', digest: copy.digest, folder: copy.folder })
    await act(mirror, mirror.check(given(), { id: 'check', held: held as MirrorHeld }))
    expect(await put(copy)).toEqual({ bytes: 0 })
    expect(await seen()).toHaveLength(1)
  })

  test(
    'keeps names that prefix each other apart, and removes only the one it is told to',
    { timeout: 60_000 },
    async (context) => {
      has(context)
      const other = await backup('set-1-b', { 'x.txt': 'other' })
      await put(other)
      const held = (await seen()).find(({ id }) => id === 'set-1-b') as MirrorHeld
      await act(mirror, mirror.drop(given(), { id: 'drop', held }))
      expect((await seen()).map(({ id }) => id)).toEqual(['set-1'])
      await act(mirror, mirror.drop(given(), { id: 'drop', held }))
      expect((await seen()).map(({ id }) => id)).toEqual(['set-1'])
    },
  )
})

describe('directory', () => {
  const { directory } = mirrors
  const drive = () => directory.options.parse({ to: join(dir, 'drive'), mounted: false })
  const held = () => ({ ...copy, files: copy.files.map(({ file: _, ...rest }) => rest) })

  test('fault 28: writes nothing to a folder that is no mounted volume, or bears no marker', async () => {
    const plain = directory.options.parse({ to: join(dir, 'drive') })
    await expect(
      act(directory, directory.put(plain, { id: 'p', copy, about: { id: 'x', folder: 'y', bytes: 1 } })),
    ).rejects.toThrow(/not on a mounted volume/)
    await mkdir(join(dir, 'unmarked'))
    const unmarked = directory.options.parse({ to: join(dir, 'unmarked'), mounted: false })
    const putting = directory.put(unmarked, { id: 'p', copy, about: { id: 'x', folder: 'y', bytes: 1 } })
    await expect(act(directory, putting)).rejects.toThrow(/touch .*unmarked\/\.knowngood-mirror/)
    expect(execaSync('ls', ['-A', join(dir, 'unmarked')]).stdout).toBe('')
  })

  test('alarms from four fifths of its quota on, and takes nothing beyond it', async () => {
    const bytes = copy.files.reduce((sum, file) => sum + file.bytes, 0)
    const tight = (quota: number) => directory.options.parse({ to: join(dir, 'drive'), mounted: false, quota })
    const other = await backup('set-9', { 'x.txt': 'x'.repeat(100) })
    const put = (quota: number) =>
      act(
        directory,
        directory.put(tight(quota), { id: 'p', copy: other, about: { id: 'set-9', folder: other.folder, bytes: 100 } }),
      )
    await expect(put(bytes)).rejects.toThrow(/over its quota/)
    const says = async (quota: number) =>
      (await directory.doctor(tight(quota), { root: dir, git: { remote: '', branch: '' } }))[0]
    expect(await says(Math.ceil(bytes * 1.1))).toMatchObject({
      ok: false,
      says: expect.stringMatching(/ is at \d+ % of its quota$/),
    })
    expect(await says(bytes * 10)).toMatchObject({ ok: true })
  })

  test('fault 30: names the file that has changed there', async () => {
    const file = join(dir, 'drive', copy.folder, 'database/main.db')
    const good = await readFile(file)
    await appendFile(file, 'x')
    await expect(act(directory, directory.check(drive(), { id: 'c', held: held() }))).rejects.toThrow(
      'database/main.db of set-1 has changed',
    )
    await writeFile(file, good)
    await expect(act(directory, directory.check(drive(), { id: 'c', held: held() }))).resolves.toBeDefined()
  })

  test('fault 44: leaves what somebody else put into a copy, and the folder with it', async () => {
    const mine = join(dir, 'drive', copy.folder, 'notes-of-ben.txt')
    await writeFile(mine, 'mine')
    await act(directory, directory.drop(drive(), { id: 'd', held: held() }))
    const aside = join(dir, 'drive', BELOW, 'set', '.deleting-set-1', 'notes-of-ben.txt')
    expect(await readFile(aside, 'utf8')).toBe('mine')
    expect(await exists(join(dir, 'drive', copy.folder))).toBe(false)
  })

  test('fault 61: goes on where a copy was cut, and takes nothing that arrived wrong for whole', async () => {
    const half = join(dir, 'drive', BELOW, 'set', '.set-1.partial', 'database')
    await mkdir(half, { recursive: true })
    await writeFile(join(half, 'main.db'), 'rows\n'.repeat(4999) + 'rowz\n')
    await act(
      directory,
      directory.put(drive(), { id: 'p', copy, about: { id: 'set-1', folder: copy.folder, bytes: 1 } }),
    )
    expect(await readFile(join(dir, 'drive', copy.folder, 'database/main.db'), 'utf8')).toBe('rows\n'.repeat(5000))
    expect(await exists(join(dir, 'drive', BELOW, 'set', '.set-1.partial'))).toBe(false)
  })
})

describe('rclone', () => {
  const { rclone } = mirrors
  test(
    'fault 61: finds an altered file of the same size, which the remote itself calls unchanged',
    { timeout: 60_000 },
    async (context) => {
      here(context, 'rclone')
      const given = rclone.options.parse({ to: 'kgtest:copies' })
      const file = join(dir, 'dav', 'copies', copy.folder, 'database/main.db')
      const text = await readFile(file, 'utf8')
      await writeFile(file, text.replace('rows', 'rowz'))
      const held = { ...copy, files: copy.files.map(({ file: _, ...rest }) => rest) }
      await expect(act(rclone, rclone.check(given, { id: 'c', held }))).rejects.toThrow(
        'database/main.db of set-1 has changed',
      )
      // A cut before the card was written: the altered file is brought again, the others are not.
      await rm(join(dir, 'dav', 'copies', copy.folder, '.knowngood-copy.json'))
      await act(rclone, rclone.put(given, { id: 'p', copy, about: { id: 'set-1', folder: copy.folder, bytes: 1 } }))
      expect(await readFile(file, 'utf8')).toBe(text)
    },
  )
})

import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const strace = spawnSync('strace', ['-e', 'trace=none', 'true']).status === 0
const prlimit = spawnSync('prlimit', ['--fsize=1000000', 'true']).status === 0
const files = new URL('../../src/world/files.ts', import.meta.url).href
const zip = new URL('../../src/archive/zip-write.ts', import.meta.url).href

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kg-faults-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

/** Runs a writer of `file` under a tool that makes the system fail. */
function under(tool: string[], bytes = 10): { status: number | null; err: string } {
  const script = `import { writeWhole } from '${files}'
    await writeWhole(process.argv[1], 'n'.repeat(${bytes}))`
  const [command, ...args] = [
    ...tool,
    process.execPath,
    '--no-warnings',
    '--input-type=module',
    '-e',
    script,
    join(dir, 'file'),
  ]
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  return { status, err: stderr }
}

function inject(calls: string, fault: string): string[] {
  return ['strace', '-f', '-o', '/dev/null', '-e', `trace=${calls}`, '-e', `inject=${calls}:${fault}`]
}

test.skipIf(!strace)(
  'when fsync fails, the older file stays and nothing else',
  async () => {
    await writeFile(join(dir, 'file'), 'older')
    const { status, err } = under(inject('fsync,fdatasync', 'error=EIO'))
    expect(status).not.toBe(0)
    expect(err).toContain('EIO')
    expect(await readdir(dir)).toEqual(['file'])
    expect(await readFile(join(dir, 'file'), 'utf8')).toBe('older')
  },
  30_000,
)

test.skipIf(!strace)(
  'killed at the rename, the file is the old one; never a mixture',
  async () => {
    await writeFile(join(dir, 'file'), 'older')
    under(inject('rename,renameat,renameat2', 'signal=KILL'))
    expect(['older', 'n'.repeat(10)]).toContain(await readFile(join(dir, 'file'), 'utf8'))
  },
  30_000,
)

test.skipIf(!prlimit)('a file larger than allowed is an error and leaves nothing', async () => {
  await writeFile(join(dir, 'file'), 'older')
  const { status, err } = under(['prlimit', '--fsize=100000'], 300_000)
  expect(status).not.toBe(0)
  expect(err).toContain('EFBIG')
  expect(await readdir(dir)).toEqual(['file'])
})

test.skipIf(!strace)(
  'an archive whose sync fails is not published',
  async () => {
    await writeFile(join(dir, 'content'), 'x'.repeat(10_000))
    const script = `import { writeZip } from '${zip}'
    await writeZip({ root: process.argv[1], exclude: [], to: process.argv[1] + '/out.zip' })`
    const args = [
      ...inject('fsync', 'error=EIO').slice(1),
      process.execPath,
      '--no-warnings',
      '--input-type=module',
      '-e',
      script,
      dir,
    ]
    expect(spawnSync('strace', args).status).not.toBe(0)
    expect(await readdir(dir)).toEqual(['content'])
  },
  30_000,
)

test.skipIf(!strace)(
  'what a child wrote into a file and the disk did not take is a failure, though the child ended well',
  async () => {
    const exec = new URL('../../src/world/exec.ts', import.meta.url).href
    const script = `import { execute } from '${exec}'
    await execute({ argv: ['echo', 'rows'], stdoutFile: process.argv[1], idleMs: 0, timeoutMs: 0 })`
    const node = [process.execPath, '--no-warnings', '--input-type=module', '-e', script, join(dir, 'dump')]
    const [command = '', ...args] = [...inject('fsync', 'error=EIO'), ...node]
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
    expect(status).not.toBe(0)
    expect(stderr).toMatch(/what echo rows wrote could not be kept: EIO/)
  },
  30_000,
)

test.skipIf(!strace)(
  'a copy that the disk did not take is a failure',
  async () => {
    await writeFile(join(dir, 'from'), 'rows')
    const script = `import { copyNew } from '${files}'
    await copyNew(process.argv[1] + '/from', process.argv[1] + '/to', null)`
    const node = [process.execPath, '--no-warnings', '--input-type=module', '-e', script, dir]
    const [command = '', ...args] = [...inject('fsync', 'error=EIO'), ...node]
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
    expect(status).not.toBe(0)
    expect(stderr).toContain('EIO')
  },
  30_000,
)

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { calls } from '../../src/calls/registry.ts'
import { decryptGpg } from '../../src/calls/encrypt.ts'
import { plainBackups } from '../../src/config/fill-backups.ts'
import type { DataKind } from '../../src/core/project.ts'
import { executePlan } from '../../src/run/execute.ts'
import { backingUp, cannotMount, mountAt } from '../helpers/backing-up.ts'
import { testIo } from '../helpers/io.ts'
import { missing } from '../helpers/needs.ts'
import { temporaryFolder } from '../helpers/repository.ts'

const KEY = 'KINDS_TEST_PASSPHRASE'
beforeEach(() => {
  process.env[KEY] = 'correct horse battery'
})
afterEach(() => {
  delete process.env[KEY]
})

function withDrive(change: Partial<DataKind> = {}) {
  const drive = join(temporaryFolder(), 'gdrive')
  mkdirSync(drive)
  const data: DataKind = {
    keep: 3,
    freshMs: null,
    dir: join(drive, 'codex-backups'),
    name: 'codex-api',
    sources: ['runtime'],
    mounted: true,
    quota: null,
    encrypt: null,
    prune: false,
    ...change,
  }
  const at = backingUp({
    sources: { runtime: { use: 'files', paths: ['.codex-api'] } },
    backups: { ...plainBackups('mosaic'), data },
  })
  mkdirSync(join(at.root, '.codex-api'))
  writeFileSync(join(at.root, '.codex-api/config.toml'), 'the contents nobody else may read\n')
  const names = () => (existsSync(data.dir) ? readdirSync(data.dir, { recursive: true, encoding: 'utf8' }) : [])
  return { ...at, drive, names }
}

const files = (names: string[]) => names.filter((name) => /\.(gz|gpg|age|json|sha256|partial|tmp)$/.test(name))

test('fault 28: with the drive not mounted nothing is written', async () => {
  const at = withDrive()
  const result = await at.make({ kind: 'data' })
  expect(result.exit).toBe(3)
  expect(result.error).toMatch(/not a mounted drive/)
  expect(readdirSync(at.drive)).toEqual([])
  expect(await at.list()).toEqual([])
})

test.skipIf(cannotMount)('a mounted drive takes it (needs the right to mount)', async () => {
  const at = withDrive()
  const volume = mountAt(at.drive, 'size=4m')
  onTestFinished(() => volume.done())
  expect((await at.make({ kind: 'data' })).exit).toBe(0)
  expect(await at.list()).toMatchObject([{ kind: 'data', state: 'ok', rung: 'hashed' }])
})

test.skipIf(cannotMount).each(['capture.runtime', 'backup.publish'])(
  'fault 29: a drive that vanishes at %s leaves nothing behind it, and older archives as they were (needs the right to mount)',
  async (step) => {
    const at = withDrive()
    const volume = mountAt(at.drive, 'size=4m')
    onTestFinished(() => volume.done())
    expect((await at.make({ kind: 'data' }, new Date(Date.now() - 60_000))).exit).toBe(0)
    // The same volume, seen from elsewhere after it has gone from here.
    const elsewhere = temporaryFolder()
    execFileSync('mount', ['--bind', at.drive, elsewhere])
    onTestFinished(() => void execFileSync('umount', ['-l', elsewhere]))
    const named = () =>
      readdirSync(elsewhere, { recursive: true, encoding: 'utf8' }).filter((name) => /\/codex-api-[^/]*$/.test(name))
    const before = named()
    expect(before).toHaveLength(3)
    const plan = await at.plan({ kind: 'data' })
    const result = await executePlan({
      root: at.root,
      plan,
      answers: {},
      calls,
      by: 'ana',
      sink: (event) => {
        if (event.t === 'state' && event.state === 'running' && event.step === step) volume.done()
      },
    })
    expect(result.exit).not.toBe(0)
    expect(files(at.names())).toEqual([])
    expect(named()).toEqual(before)
  },
)

test('a quota that would be exceeded is said before anything is written', async () => {
  const at = withDrive({ mounted: false, quota: 100 })
  expect((await at.make({ kind: 'data' }, new Date(Date.now() - 60_000))).exit).toBe(0)
  const result = await at.make({ kind: 'data' })
  expect([result.exit, result.error]).toEqual([3, expect.stringMatching(/would exceed its quota/)])
})

test('fault 52: without its key an encrypted archive is not made, and never in the clear', async () => {
  const at = withDrive({ mounted: false, encrypt: { gpg: KEY } })
  const plan = await at.plan({ kind: 'data' })
  delete process.env[KEY]
  const result = await at.execute(plan)
  expect(result.exit).not.toBe(0)
  expect(result.error).toContain(KEY)
  expect(files(at.names())).toEqual([])
})

test.skipIf(missing('gpg'))(
  'fault 52: a wrong passphrase, a cut or an edited archive leave no plaintext (gnupg)',
  async () => {
    const at = withDrive({ mounted: false, encrypt: { gpg: KEY } })
    const made = await at.make({ kind: 'data' })
    const sealed = String(made.gives['backup.publish']?.['path'])
    expect(readFileSync(sealed).includes('nobody else')).toBe(false)
    const out = join(temporaryFolder(), 'plain')
    const io = { ...testIo(at.root), secret: (name: string) => process.env[name] ?? '' }
    process.env[KEY] = 'wrong'
    await expect(decryptGpg(sealed, out, KEY, io)).rejects.toThrow(/gpg/)
    expect(existsSync(out)).toBe(false)
    process.env[KEY] = 'correct horse battery'
    const whole = readFileSync(sealed)
    const flipped = Buffer.from(whole)
    flipped.writeUInt8(flipped.readUInt8(flipped.length - 30) ^ 1, flipped.length - 30)
    writeFileSync(sealed, flipped)
    await expect(decryptGpg(sealed, out, KEY, io)).rejects.toThrow()
    expect(existsSync(out)).toBe(false)
    writeFileSync(sealed, whole)
    truncateSync(sealed, whole.length - 20)
    await expect(decryptGpg(sealed, out, KEY, io)).rejects.toThrow()
    expect(existsSync(out)).toBe(false)
    writeFileSync(sealed, whole)
    await decryptGpg(sealed, out, KEY, io)
    expect(execFileSync('tar', ['xzOf', out], { encoding: 'utf8' })).toContain('nobody else')
  },
  30_000,
)

test.skipIf(missing('gpg'))('a gpg that fails half way leaves neither archive nor plaintext (gnupg)', async () => {
  const at = withDrive({ mounted: false, encrypt: { gpg: KEY } })
  const bin = temporaryFolder()
  writeFileSync(
    join(bin, 'gpg'),
    '#!/bin/sh\nwhile [ $# -gt 1 ]; do [ "$1" = --output ] && echo half > "$2"; shift; done\nexit 2\n',
    { mode: 0o755 },
  )
  const path = process.env['PATH']
  process.env['PATH'] = `${bin}:${path}`
  onTestFinished(() => {
    process.env['PATH'] = path
  })
  const result = await at.make({ kind: 'data' })
  expect(result.exit).not.toBe(0)
  expect(files(at.names())).toEqual([])
  expect(readdirSync(join(at.root, '.knowngood')).filter((name) => name.includes('partial'))).toEqual([])
})

test.skipIf(missing('age', ['--version']))('age recipients open what was sealed for them (age)', async () => {
  const keys = join(temporaryFolder(), 'key.txt')
  execFileSync('age-keygen', ['-o', keys], { stdio: 'ignore' })
  const recipient = /public key: (age1\S+)/.exec(readFileSync(keys, 'utf8'))?.[1] ?? ''
  const at = withDrive({ mounted: false, encrypt: { age: [recipient] } })
  const made = await at.make({ kind: 'data' })
  expect(made.error).toBeNull()
  const sealed = String(made.gives['backup.publish']?.['path'])
  expect(sealed).toMatch(/\.tar\.gz\.age$/)
  const plain = execFileSync('age', ['-d', '-i', keys, sealed])
  expect(execFileSync('tar', ['xzO'], { input: plain, encoding: 'utf8' })).toContain('nobody else')
})

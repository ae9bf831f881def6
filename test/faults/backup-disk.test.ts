import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { plainBackups } from '../../src/config/fill-backups.ts'
import { backingUp, cannotMount, mountAt } from '../helpers/backing-up.ts'
import { missing } from '../helpers/needs.ts'

const NEEDS_MOUNT = 'needs the right to mount'
const KINDS = ['full', 'set', 'site', 'release'] as const

/** An older good backup of the kind, and a volume of a kind where the next one goes. */
async function older(kind: (typeof KINDS)[number], options: string) {
  const at = backingUp({}, 5000)
  const volume = mountAt(join(at.root, 'backups'), options)
  onTestFinished(() => volume.done())
  return { ...at, kind }
}

const remount = (root: string, options: string) =>
  execFileSync('mount', ['-o', `remount,${options}`, join(root, 'backups')])

const days = (count: number) => new Date(Date.now() - count * 86_400_000)

test.skipIf(cannotMount).each(KINDS)(
  `fault 20: a full disk leaves nothing of a %s backup, and the older ones as they were (${NEEDS_MOUNT})`,
  async (kind) => {
    const at = await older(kind, 'size=1m')
    expect((await at.make({ kind: 'quick' }, days(1))).exit).toBe(0)
    const before = at.standing()
    const result = await at.make({ kind })
    expect(result.exit).not.toBe(0)
    expect(result.error).toMatch(/ENOSPC|no space|full/i)
    expect(at.standing()).toEqual(before)
    expect((await at.list()).map(({ kind: one, state }) => [one, state])).toEqual([['quick', 'ok']])
    // Once there is room the next one needs no repair.
    remount(at.root, 'size=64m')
    expect((await at.make({ kind })).exit).toBe(0)
  },
  60_000,
)

test.skipIf(cannotMount)(
  `fault 20: with too little room for one like the last, it does not begin (${NEEDS_MOUNT})`,
  async () => {
    const at = await older('full', 'size=2m')
    expect((await at.make({ kind: 'full' }, days(1))).exit).toBe(0)
    const [last] = await at.list()
    expect(last?.bytes).toBeGreaterThan(1_000_000)
    const before = at.standing()
    const held = await at.make({ kind: 'full' })
    expect(held.exit).toBe(3)
    expect(held.error).toMatch(/no room for a full backup on the volume of \S+: [\d.]+ [kM]B are missing.*are needed/s)
    expect(at.standing()).toEqual(before)
  },
  60_000,
)

test.skipIf(cannotMount)(
  `fault 21: without inodes nothing is left, and it works again once there are some (${NEEDS_MOUNT})`,
  async () => {
    const at = await older('set', 'nr_inodes=10')
    expect((await at.make({ kind: 'quick' }, days(1))).exit).toBe(0)
    const before = at.standing()
    const result = await at.make({ kind: 'set', name: 'a' })
    expect(result.exit).not.toBe(0)
    expect(result.error).toMatch(/ENOSPC|space/i)
    expect(at.standing()).toEqual(before)
    remount(at.root, 'nr_inodes=1000')
    expect((await at.make({ kind: 'set', name: 'a' })).exit).toBe(0)
  },
  60_000,
)

test.skipIf(missing('prlimit')).each(['full', 'site'] as const)(
  'fault 22: a %s backup whose file grows too large leaves nothing (util-linux)',
  async (kind) => {
    const at = backingUp({}, 5000)
    expect((await at.make({ kind: 'quick' }, days(1))).exit).toBe(0)
    const before = at.standing()
    const { said, status } = at.under(['prlimit', '--fsize=200000'], await at.plan({ kind }))
    expect(said?.exit ?? status).not.toBe(0)
    expect(at.standing()).toEqual(before)
    expect((await at.list()).filter((one) => one.kind === kind)).toEqual([])
  },
  60_000,
)

test.skipIf(missing('strace')).each(['full', 'set', 'site'] as const)(
  'fault 23: when the disk does not take a %s backup for good, it is none (strace)',
  async (kind) => {
    const at = backingUp()
    expect((await at.make({ kind: 'quick' }, days(1))).exit).toBe(0)
    const before = at.standing()
    const plan = await at.plan({ kind })
    // The journal's own sync is fdatasync; only what is to be a backup is synced by fsync.
    const fault = ['strace', '-f', '-o', '/dev/null', '-e', 'trace=fsync', '-e', 'inject=fsync:error=EIO']
    const { said, status } = at.under(fault, plan)
    expect(said?.exit ?? status).not.toBe(0)
    expect(at.standing().filter((name) => !before.includes(name))).toEqual([])
    expect((await at.list()).filter((one) => one.kind === kind)).toEqual([])
    expect((await at.make({ kind })).exit).toBe(0)
  },
  120_000,
)

test.skipIf(cannotMount)(`fault 25: on a volume that is read-only nothing begins (${NEEDS_MOUNT})`, async () => {
  const at = await older('full', 'size=8m')
  expect((await at.make({ kind: 'full' }, days(1))).exit).toBe(0)
  remount(at.root, 'ro')
  const before = [at.standing(), at.print()]
  const result = await at.make({ kind: 'full' })
  expect(result.exit).not.toBe(0)
  expect(result.error).toMatch(/EROFS|read-only/i)
  expect([at.standing(), at.print()]).toEqual(before)
  expect((await at.list()).map(({ state }) => state)).toEqual(['ok'])
})

test.skipIf(process.getuid?.() !== 0 || missing('setpriv'))(
  'fault 26: where an ordinary user may not write nothing is written (util-linux, as root)',
  async () => {
    const at = backingUp()
    const plan = await at.plan({ kind: 'full' })
    mkdirSync(join(at.root, 'backups'), { mode: 0o500 })
    // Somebody else's repository is refused by git: all of it becomes theirs.
    own(join(at.root, '..'))
    chmodSync(join(at.root, 'backups'), 0o500)
    const user = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
    const { said, status, err } = at.under(user, plan, { HOME: at.root })
    expect(`${said?.error ?? ''}${err}`).toMatch(/backups\b.*cannot be written|EACCES.*backups/)
    expect(said?.exit ?? status).not.toBe(0)
    expect(readdirSync(join(at.root, 'backups'))).toEqual([])
  },
  30_000,
)

function own(path: string): void {
  chownSync(path, 65_534, 65_534)
  if (statSync(path).isDirectory()) for (const name of readdirSync(path)) own(join(path, name))
}

test.skipIf(cannotMount)(
  `fault 27: a backup folder on another volume than the repository works (${NEEDS_MOUNT})`,
  async () => {
    const at = backingUp()
    const volume = mountAt(join(at.root, 'backups'), 'size=8m')
    onTestFinished(() => volume.done())
    for (const kind of ['full', 'set', 'site'] as const) expect((await at.make({ kind })).exit).toBe(0)
    expect((await at.list()).map(({ state }) => state)).toEqual(['ok', 'ok', 'ok'])
  },
)

test.skipIf(!existsSync('/dev/shm') || missing('gpg'))(
  'fault 27: what is built here and sealed onto another device arrives whole (/dev/shm, gnupg)',
  async () => {
    const shm = mkdtempSync('/dev/shm/knowngood-test-')
    onTestFinished(() => rmSync(shm, { recursive: true, force: true }))
    process.env['KINDS_SHM_KEY'] = 'correct horse'
    onTestFinished(() => void delete process.env['KINDS_SHM_KEY'])
    const plain = plainBackups('mosaic')
    const data = {
      keep: 3,
      freshMs: null,
      dir: shm,
      name: 'app',
      sources: ['runtime'],
      mounted: false,
      quota: null,
      prune: false,
    }
    const at = backingUp({
      sources: { runtime: { use: 'files', paths: ['app.db'] } },
      backups: { ...plain, data: { ...data, encrypt: { gpg: 'KINDS_SHM_KEY' } } },
    })
    expect((await at.make({ kind: 'data' })).error).toBeNull()
    expect(await at.list()).toMatchObject([{ state: 'ok', rung: 'hashed' }])
  },
)

import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { calls } from '../../src/calls/registry.ts'
import { pruneCalls } from '../../src/calls/prune.ts'
import { plainBackups } from '../../src/config/fill-backups.ts'
import { parseConfig } from '../../src/config/read-config.ts'
import type { BackupKind } from '../../src/core/backup.ts'
import { planBackup } from '../../src/plans/backup.ts'
import { planDelete } from '../../src/plans/delete.ts'
import { planPrune } from '../../src/plans/prune.ts'
import { planVerify } from '../../src/plans/verify.ts'
import { markInUse, releaseInUse } from '../../src/records/in-use.ts'
import { appendProof, proofsOf } from '../../src/records/proofs.ts'
import { removeBackup } from '../../src/records/remove-backup.ts'
import { executePlan } from '../../src/run/execute.ts'
import { decidedNow } from '../helpers/decided.ts'
import { backingUp } from '../helpers/backing-up.ts'
import { testIo } from '../helpers/io.ts'

const plain = plainBackups('mosaic')
const keeping = (kind: 'full' | 'set' | 'site', keep: number) => ({
  backups: { ...plain, [kind]: { ...plain[kind], keep } },
})
const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000)
afterEach(() => {
  delete process.env['TZ']
})

async function pruneNow(at: ReturnType<typeof backingUp>, kind: BackupKind | null = null) {
  return at.execute(planPrune(at.project, await at.facts(), { kind }, decidedNow('prune')))
}

test.each(['quick', 'full', 'set', 'site', 'bundle', 'dump', 'release'] as const)(
  'fault 33: two %s backups of one moment are both kept, also where the second did not know of the first',
  async (kind) => {
    const at = backingUp()
    const moment = ago(1)
    const plans = [await at.plan({ kind, name: 'twin' }, moment), await at.plan({ kind, name: 'twin' }, moment)]
    for (const plan of plans) expect((await at.execute(plan)).error).toBeNull()
    const listed = await at.list()
    const holding = ['quick', 'full', 'set', 'release'].includes(kind)
      ? listed.map(({ id }) => `refs/knowngood/backups/${id}`).toSorted()
      : []
    const names = at.sh('for-each-ref', '--format=%(refname)', 'refs/knowngood/backups')
    expect(names.split('\n').filter(Boolean)).toEqual(holding)
    const there = at.sh('ls-remote', 'origin', 'refs/knowngood/backups/*')
    expect(
      there
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split('\t')[1]),
    ).toEqual(holding)
    expect(listed.map(({ state, rung }) => [state, rung])).toEqual([
      ['ok', 'hashed'],
      ['ok', 'hashed'],
    ])
    expect(
      new Set(listed.flatMap(({ id, path, parts }) => [id, path, ...parts.map((part) => `${path} ${part.path}`)])).size,
    ).toBe(4 + listed.flatMap(({ parts }) => parts).length)
  },
  30_000,
)

test('fault 34: of twenty starts at once one wins, and the others say who holds the lock and exit 6', async () => {
  const at = backingUp()
  const fixture = join(import.meta.dirname, '..', 'fixtures', 'many-starts.ts')
  const plans = await Promise.all(Array.from({ length: 20 }, async () => at.plan({ kind: 'full' })))
  const file = join(at.root, '.knowngood', 'plans.json')
  writeFileSync(file, JSON.stringify(plans))
  const out = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, ['--no-warnings', fixture, at.root, file], (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    )
  })
  const ends = JSON.parse(out) as { exit: number; error: string }[]
  const made = ends.filter(({ exit }) => exit === 0).length
  expect(made).toBeGreaterThanOrEqual(1)
  expect(ends.filter(({ exit, error }) => exit !== 0 && !(exit === 6 && error.includes('ana@')))).toEqual([])
  const listed = await at.list()
  expect(listed).toHaveLength(made)
  expect(listed.filter(({ state, rung }) => state !== 'ok' || rung !== 'hashed')).toEqual([])
}, 60_000)

test('fault 36: what a run is reading is neither pruned nor deleted', async () => {
  const again = backingUp()
  for (const hours of [9, 8, 7]) await again.make({ kind: 'set', name: `k${hours}` }, ago(hours))
  await markInUse(again.root, 'k9', 'verify-20251121_120000Z-aaaa')
  const input = { kind: 'set', keep: 1, backups: plain, guard: [], remote: null, only: null } as const
  const io = testIo(again.root)
  expect(await pruneCalls['prune.kind'](input as never, io)).toEqual({ removed: ['backups/k8'] })
  expect(io.lines.join()).toContain('is using it')
  const [, k9] = await again.list()
  const del = { id: 'k9', path: 'backups/k9', digest: k9?.digest ?? '', backups: plain, remote: null, others: false }
  await expect(pruneCalls['backup.delete'](del, io)).rejects.toThrow(/is being used/)
  await releaseInUse(again.root, 'k9', 'verify-20251121_120000Z-aaaa')
  expect(await pruneCalls['prune.kind'](input as never, io)).toEqual({ removed: ['backups/k9'] })
}, 60_000)

test('fault 37: a clock that was a year ahead and came back loses nothing, and one that is a year behind neither', async () => {
  const at = backingUp(keeping('set', 1))
  await at.make({ kind: 'set', name: 'future' }, new Date(Date.now() + 365 * 86_400_000))
  for (const [name, hours] of [
    ['a', 3],
    ['b', 2],
  ] as const)
    await at.make({ kind: 'set', name }, ago(hours))
  expect((await at.list()).map(({ id }) => id)).toEqual(['future', 'b'])
  await at.make({ kind: 'set', name: 'past' }, ago(365 * 24))
  // The newest by its recorded time stays; what was made by a clock that is behind is the oldest.
  expect((await at.list()).map(({ id }) => id)).toEqual(['future', 'b'])
}, 30_000)

test('fault 38: names and order are UTC in any zone, through the hour that comes twice', async () => {
  const at = backingUp()
  // 25 October 2026, 02:30 in Berlin, happens twice: 00:30 and 01:30 UTC.
  const moments = ['2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z']
  for (const [index, moment] of moments.entries()) {
    process.env['TZ'] = index === 0 ? 'Europe/Berlin' : 'Pacific/Kiritimati'
    await at.make({ kind: 'site' }, new Date(moment))
  }
  const listed = await at.list()
  expect(listed.map(({ path, at: time }) => [path, time])).toEqual([
    ['backups/site-backup_20261025_013000Z.zip', moments[1]],
    ['backups/site-backup_20261025_003000Z.zip', moments[0]],
  ])
})

test('fault 39: rewritten file times change nothing about what is kept', async () => {
  const at = backingUp(keeping('site', 2))
  for (const hours of [30, 20]) await at.make({ kind: 'site' }, ago(hours))
  const [newer, older] = await at.list()
  for (const [backup, day] of [
    [newer, 1],
    [older, 20_000],
  ] as const)
    for (const path of [backup?.path ?? '', backup?.path.replace('.zip', '.json') ?? ''])
      utimesSync(join(at.root, path), day * 86_400, day * 86_400)
  await at.make({ kind: 'site' }, ago(1))
  expect((await at.list()).map(({ id }) => id)).toEqual([expect.any(String), newer?.id])
})

test('fault 40: when the newest ones have failed, the last that was proven stays', async () => {
  const at = backingUp(keeping('set', 2))
  for (const [name, hours] of [
    ['good', 9],
    ['bad-1', 8],
  ] as const)
    await at.make({ kind: 'set', name }, ago(hours))
  const spoil = async (name: string) => {
    const one = (await at.list()).find(({ id }) => id === name)
    await appendProof(at.root, {
      backup: name,
      digest: one?.digest ?? '',
      part: '*',
      rung: 'readable',
      at: new Date().toISOString(),
      passed: false,
      because: 'a byte flipped',
      ms: 1,
    })
  }
  await spoil('bad-1')
  for (const [name, hours] of [
    ['bad-2', 7],
    ['bad-3', 6],
  ] as const) {
    await at.make({ kind: 'set', name }, ago(hours))
    await spoil(name)
  }
  await pruneNow(at)
  expect((await at.list()).map(({ id, state }) => [id, state])).toContainEqual(['good', 'ok'])
}, 30_000)

test.each(['0', '-1', '1.5', '""', 'NaN', '.nan', 'none'])('fault 42: keep: %s is refused', async (keep) => {
  for (const kind of ['quick', 'full', 'site', 'release', 'set', 'bundle', 'dump'])
    await expect(parseConfig(`backups: { ${kind}: { keep: ${keep} } }\n`)).rejects.toThrow()
})

test('fault 43: a baseline is not removed by any way, and stays as it was', async () => {
  const at = backingUp()
  await at.make({ kind: 'baseline', name: 'empty' }, ago(1000))
  await at.make({ kind: 'baseline', name: 'other' }, ago(1))
  const folder = join(at.root, 'immaculate/empty')
  const before = at.print('immaculate/empty')
  expect(statSync(folder).mode & 0o777).toBe(0o500)
  expect(statSync(join(folder, 'database/database.db')).mode & 0o777).toBe(0o400)
  const facts = await at.facts()
  const deleted = planDelete(at.project, facts, { id: 'empty' }, decidedNow('delete'))
  expect(deleted.holds.map(({ why }) => why)).toEqual(['empty is a baseline, and a baseline is never removed'])
  expect(planPrune(at.project, facts, { kind: 'baseline' }, decidedNow('prune')).steps).toEqual([])
  expect(planPrune(at.project, facts, { kind: null }, decidedNow('prune')).steps).toEqual([])
  const io = testIo(at.root)
  const input = { kind: 'baseline', keep: 1, backups: plain, guard: [], remote: null, only: ['empty'] } as const
  expect(await pruneCalls['prune.kind'](input as never, io)).toEqual({ removed: [] })
  const [, empty] = await at.list()
  if (empty === undefined) throw new Error('not listed')
  await expect(removeBackup(at.root, empty, { others: true })).rejects.toThrow(/never removed/)
  const del = { id: 'empty', path: empty.path, digest: empty.digest, backups: plain, remote: null, others: true }
  await expect(pruneCalls['backup.delete'](del, io)).rejects.toThrow(/never removed/)
  // Asked for again under the same name, a new one is made beside it.
  await at.make({ kind: 'baseline', name: 'empty' }, ago(0.5))
  expect((await at.list()).map(({ id }) => id)).toEqual(['empty-2', 'other', 'empty'])
  expect(at.print('immaculate/empty')).toBe(before)
  expect(statSync(folder).mode & 0o777).toBe(0o500)
}, 60_000)

test('fault 44: what others put into the folders is never removed', async () => {
  const at = backingUp({
    backups: {
      ...plain,
      full: { ...plain.full, keep: 1 },
      set: { ...plain.set, keep: 1 },
      site: { ...plain.site, keep: 1 },
      bundle: { ...plain.bundle, keep: 1, prune: true },
    },
  })
  const foreign = [
    'backups/notes.txt',
    'backups/site-backup_20200101_000000Z.zip',
    'backups/by-hand/MANIFEST.md',
    'backups/by-hand/database/dump.sql.gz',
    'backups/other/thing.bin',
    'backups/full/database-1.db',
    'backups/full/full-backup-1701450000000.json',
    'backups/.deleting-mine/keep.txt',
    'releases/other-v1.0.0-20200101_000000Z.tar.gz',
    'releases/readme.md',
  ]
  for (const path of foreign) {
    mkdirSync(join(at.root, path, '..'), { recursive: true })
    writeFileSync(join(at.root, path), `${path}\n`)
  }
  for (const hours of [5, 4, 3])
    for (const kind of ['full', 'set', 'site', 'bundle'] as const)
      expect((await at.make({ kind, name: `n${hours}` }, ago(hours))).error).toBeNull()
  await pruneNow(at)
  for (const path of foreign) expect([path, existsSync(join(at.root, path))]).toEqual([path, true])
  const ours = (await at.list()).filter(({ origin }) => origin === 'knowngood')
  expect(ours.map(({ kind }) => kind).toSorted()).toEqual(['bundle', 'full', 'set', 'site'])
}, 60_000)

test('fault 36: verifying and restoring in a loop beside a prune, nothing goes from under them', async () => {
  const at = backingUp({ backups: { ...plain, set: { ...plain.set, keep: 1 } } })
  const input = { kind: 'set', keep: 1, backups: at.project.backups, guard: [], remote: null, only: null } as const
  for (let round = 0; round < 3; round += 1) {
    const roomy = { ...at.project, backups: plain }
    for (const hours of [9, 8])
      await at.execute(
        planBackup(
          roomy,
          await at.facts(),
          { kind: 'set', name: `r${round}-${hours}` },
          decidedNow('backup', ago(hours - round / 10)),
        ),
      )
    const id = `r${round}-9`
    const verify = planVerify(at.project, await at.facts(), { ids: [id], rung: 'restored' }, decidedNow('verify'))
    // One after the other, as the local lock has it.
    const pruned: Promise<unknown>[] = [Promise.resolve()]
    const sink = ({ t, step }: { t: string; step: string }) => {
      // At every step of the look, from the first byte it reads: the mark was set before that.
      if (t === 'state' && step !== 'hold') {
        const before = pruned.at(-1)
        pruned.push(
          (async () => {
            await before
            await pruneCalls['prune.kind'](input as never, testIo(at.root))
          })(),
        )
      }
    }
    const proved = await executePlan({ root: at.root, plan: verify, answers: {}, calls, by: 'ana', sink })
    expect([round, proved.error, proved.exit]).toEqual([round, null, 0])
    expect(pruned.length).toBeGreaterThan(3)
    await Promise.all(pruned)
    expect((await proofsOf(at.root, id)).map(({ passed }) => passed)).not.toContain(false)
    expect((await at.list()).map((one) => one.id)).toContain(id)
  }
}, 120_000)

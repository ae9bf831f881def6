import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { leftovers, restorable, type Restorable } from '../helpers/restorable.ts'

const CONFIRMED = ['--confirm=mosaic-production', '--reason', 'sessions corrupt since noon'] as const

/** A production with a frozen baseline of users ana and ben, that has changed since. */
async function broken(more = ''): Promise<Restorable> {
  const site = await restorable({ config: more })
  await site.backup('baseline', { name: 'immaculate-1' })
  site.change()
  return site
}

const asBefore = (site: Restorable) => expect([site.users(), site.upload()]).toEqual([['ana', 'ben'], 'first'])
const untouched = (site: Restorable) => expect([site.users(), site.upload()]).toEqual([['ana', 'ben', 'eve'], 'second'])

describe('break glass', { timeout: 120_000 }, () => {
  it('puts everything back as the baseline froze it, keeps what stood there, and can be undone', async () => {
    const site = await broken()
    const { exit, json, err } = await site.kg('emergency', '--json', ...CONFIRMED)
    expect([exit, err]).toEqual([0, expect.anything()])
    expect(json).toMatchObject({ ok: true, restoredTo: 'immaculate-1', type: 'baseline' })
    asBefore(site)
    expect(site.asked().filter((word) => word !== 'status')).toEqual(
      ['stop', 'start', 'start'].slice(0, site.asked().filter((word) => word !== 'status').length),
    )
    const snapshot = String(json['backupId'])
    expect(snapshot).toMatch(/^pre-emergency-\d{8}_\d{6}Z$/)
    expect(existsSync(join(site.root, 'backups', snapshot, 'CHECKSUM.sha256'))).toBe(true)
    expect(leftovers(site.root)).toEqual([])
    const log = readdirSync(join(site.root, 'deploy_logs')).find((name) => name.includes('emergency')) ?? ''
    expect(readFileSync(join(site.root, 'deploy_logs', log), 'utf8')).toContain('sessions corrupt since noon')
    expect((await site.kg('restore', '--undo', String(json['run']), ...CONFIRMED)).exit).toBe(0)
    untouched(site)
  })

  it('asks for a reason and the typed name, and --yes is neither', async () => {
    const site = await broken()
    for (const flags of [
      ['--yes'],
      ['--reason', 'x'],
      ['--confirm=mosaic-production'],
      ['--confirm=mosaic', '--reason', 'x'],
    ])
      expect((await site.kg('emergency', ...flags)).exit).toBe(2)
    const { err } = await site.kg('emergency')
    expect(err).toMatch(/needs (?=.*--reason)(?=.*--confirm=mosaic-production)/)
    untouched(site)
  })

  it('prints its commands and changes nothing with --dry-run', async () => {
    const site = await broken()
    const { exit, out } = await site.kg('emergency', '--dry-run')
    expect(exit).toBe(0)
    expect(out).toMatch(/\$ sha256sum .*\$ sqlite3 -readonly .*\.backup.*\$ sqlite3 data\/app\.db '\.restore/s)
    expect(out).toContain('Nothing has changed.')
    untouched(site)
  })

  it('faults 65 and 66: a baseline in a folder of a hostile name is restored, shown inert, and pasted as it is', async () => {
    const site = await broken()
    const name = `it's\n\u001b[31m"$(touch pwned)" 日本`
    cpSync(join(site.root, 'immaculate/immaculate-1'), join(site.root, 'immaculate', name), { recursive: true })
    const dry = await site.kg('emergency', '--baseline', name, '--dry-run')
    const lines = [...dry.out.matchAll(/^ +\$ (.*)$/gm)].map(([, line = '']) => line)
    await execa('sh', ['-c', ['set -e', ...lines].join('\n')], { cwd: site.root, stdin: 'ignore', timeout: 60_000 })
    asBefore(site)
    site.change()
    const { exit, out, err } = await site.kg('emergency', '--baseline', name, ...CONFIRMED)
    expect([exit, `${dry.out}${out}${err}`]).toEqual([0, expect.not.stringContaining('\u001b')])
    expect(err).toMatch(/^✓ Read every byte again {2}it's "\$\(touch pwned\)" 日本$/m)
    asBefore(site)
    expect(existsSync(join(site.root, 'pwned'))).toBe(false)
  })

  it('stays out of what is kept: --keep-data and --only', async () => {
    const site = await broken()
    expect((await site.kg('emergency', '--keep-data', ...CONFIRMED)).exit).toBe(0)
    expect([site.users(), site.upload()]).toEqual([['ana', 'ben', 'eve'], 'first'])
    expect((await site.kg('emergency', '--only', 'database', ...CONFIRMED)).exit).toBe(0)
    asBefore(site)
    const strange = await site.kg('emergency', '--only', 'database', '--only', 'nothing-of-ours', ...CONFIRMED)
    expect([strange.exit, strange.err]).toEqual([
      3,
      expect.stringMatching(/no nothing-of-ours.*database, uploads, code/s),
    ])
    expect((await site.kg('emergency', '--rehearse', '--only', 'database')).exit).toBe(2)
  })

  it('fault 30: refuses a baseline with a flipped byte, and one that was made to look whole', async () => {
    const site = await broken()
    const folder = join(site.root, 'immaculate/immaculate-1')
    const file = join(folder, 'files/uploads.tar.gz')
    chmodSync(file, 0o600)
    const bytes = readFileSync(file)
    bytes[20] = (bytes[20] ?? 0) ^ 1
    writeFileSync(file, bytes)
    const flipped = await site.kg('emergency', ...CONFIRMED)
    expect([flipped.exit, flipped.out + flipped.err]).toEqual([4, expect.stringContaining('files/uploads.tar.gz')])
    untouched(site)
    // Its own list says what lies there now; the audit log still says what was frozen.
    const list = join(folder, 'CHECKSUM.sha256')
    chmodSync(list, 0o600)
    const hash = createHash('sha256').update(bytes).digest('hex')
    writeFileSync(list, readFileSync(list, 'utf8').replace(/^[0-9a-f]{64}(?=  files\/uploads\.tar\.gz$)/m, hash))
    const forged = await site.kg('emergency', ...CONFIRMED)
    expect([forged.exit, forged.out + forged.err]).toEqual([
      expect.any(Number),
      expect.stringContaining('immaculate-1 is'),
    ])
    expect(forged.exit).not.toBe(0)
    untouched(site)
  })

  it('fault 30: names another baseline where the newest is rotten, and says so when it is passed over', async () => {
    const site = await broken()
    await site.backup('baseline', { name: 'newer-1' })
    const file = join(site.root, 'immaculate/newer-1/files/uploads.tar.gz')
    chmodSync(file, 0o600)
    const bytes = readFileSync(file)
    bytes[20] = (bytes[20] ?? 0) ^ 1
    writeFileSync(file, bytes)
    const rotten = await site.kg('emergency', ...CONFIRMED)
    expect([rotten.exit, rotten.out]).toEqual([
      4,
      expect.stringMatching(/^Another, of 2\S+ \d\d:\d\d.*: knowngood emergency --baseline immaculate-1$/m),
    ])
    untouched(site)
    // The look is remembered: the next one takes the older, and does not keep that to itself.
    const older = await site.kg('emergency', ...CONFIRMED)
    expect([older.exit, older.err]).toEqual([
      0,
      expect.stringMatching(/^! newer-1 is newer, and damaged: files\/uploads/m),
    ])
    asBefore(site)
  })

  it('fault 69: works with a broken knowngood.yaml, and without one, by the configuration the baseline carries', async () => {
    const site = await broken()
    writeFileSync(join(site.root, 'knowngood.yaml'), 'project: [\n')
    const first = await site.kg('emergency', ...CONFIRMED)
    expect([first.exit, first.err]).toEqual([
      0,
      expect.stringContaining('the configuration that immaculate-1 carries is used'),
    ])
    asBefore(site)
    // What was interrupted could be ended without it, too.
    expect((await site.kg('resume')).exit).toBe(0)
    site.sql('DELETE FROM users')
    rmSync(join(site.root, 'knowngood.yaml'))
    expect((await site.kg('emergency', ...CONFIRMED)).exit).toBe(0)
    asBefore(site)
  })

  it('knows each of two baselines that were asked for by one name', async () => {
    const site = await broken()
    await site.kg('baseline', 'create', 'immaculate-1')
    const first = await site.kg('emergency', '--baseline', 'immaculate-1', ...CONFIRMED)
    expect([first.exit, first.err]).toEqual([0, expect.not.stringContaining('nothing in the audit log')])
    asBefore(site)
    const second = await site.kg('emergency', '--baseline', 'immaculate-1-2', ...CONFIRMED)
    expect([second.exit, second.err]).toEqual([0, expect.not.stringContaining('nothing in the audit log')])
    untouched(site)
  })

  it('takes the shared lock over, names its holder and records it', async () => {
    const site = await broken()
    const message =
      'knowngood lock\n\nnonce: somebody-elses\nop: deploy\nrun: deploy-20251121_120000Z-ab12\noperator: ben\nhost: desk\nreason: a deploy of ben'
    const tree = site.repo.sh('mktree', { input: '' } as never).trim()
    const oid = site.repo.sh('commit-tree', tree, '-m', message).trim()
    site.repo.sh('push', '--quiet', 'origin', `${oid}:refs/knowngood/lock`)
    const { exit, err } = await site.kg('emergency', ...CONFIRMED)
    expect([exit, err]).toEqual([0, expect.stringContaining('taking the lock of')])
    asBefore(site)
    expect(readFileSync(join(site.root, '.verification_audit.log'), 'utf8')).toContain('"taken over"')
    expect(site.repo.sh('ls-remote', 'origin', 'refs/knowngood/lock')).toBe('')
  })

  it('takes the local lock from a run that is at work, which ends and is found as interrupted', async () => {
    const site = await broken()
    writeFileSync(join(site.root, 'slow.sh'), '#!/bin/sh\nsleep 600\n', { mode: 0o755 })
    const yaml = readFileSync(join(site.root, 'knowngood.yaml'), 'utf8')
    writeFileSync(
      join(site.root, 'knowngood.yaml'),
      yaml.replace(
        'sources:\n',
        'sources:\n  slow: { use: command, capture: ["./slow.sh", "{out}"], restore: ["./slow.sh", "{in}"], holds: database }\n',
      ),
    )
    const other = site.kg('backup', 'full')
    const lock = join(site.root, '.knowngood/lock')
    while (!existsSync(lock)) await sleep(20)
    await sleep(500)
    writeFileSync(join(site.root, 'knowngood.yaml'), yaml)
    const { exit, err } = await site.kg('emergency', ...CONFIRMED)
    expect([exit, err]).toEqual([0, expect.stringMatching(/The lock of ana@.* is taken over/)])
    asBefore(site)
    expect((await other).exit).not.toBe(0)
    expect(existsSync(lock)).toBe(false)
  })

  it('fault 68: goes on when the audit log cannot be written, and says so', async () => {
    const site = await broken()
    const log = join(site.root, '.verification_audit.log')
    rmSync(log)
    mkdirSync(log)
    const { exit, err } = await site.kg('emergency', ...CONFIRMED)
    expect([exit, err]).toEqual([0, expect.stringContaining('cannot be written: this restore leaves no line there')])
    asBefore(site)
  })

  it('goes on when its own state cannot be written, and says where the journal is', async () => {
    const site = await broken()
    renameSync(join(site.root, '.knowngood'), join(site.root, '.knowngood-away'))
    writeFileSync(join(site.root, '.knowngood'), 'in the way')
    const { exit, err } = await site.kg('emergency', ...CONFIRMED)
    expect([exit, err]).toEqual([0, expect.stringMatching(/journal of this run is kept in .*knowngood-state-/)])
    asBefore(site)
  })

  it('counts a database too broken to read as kept, moved aside as it is', async () => {
    const site = await broken()
    const rotten = Buffer.alloc(8192, 7)
    for (const ending of ['-wal', '-shm']) rmSync(join(site.root, `data/app.db${ending}`), { force: true })
    writeFileSync(join(site.root, 'data/app.db'), rotten)
    const { exit, err } = await site.kg('emergency', ...CONFIRMED)
    expect([exit, err]).toEqual([0, expect.stringContaining('it is moved aside as it is')])
    asBefore(site)
    const aside = readdirSync(join(site.root, 'data')).find((name) => name.startsWith('app.db.before-emergency')) ?? ''
    expect(readFileSync(join(site.root, 'data', aside)).equals(rotten)).toBe(true)
  })

  it('works without a remote', async () => {
    const site = await broken('deploy: { targets: [{ use: git-push }] }\n')
    site.repo.sh('remote', 'remove', 'origin')
    const { exit, err } = await site.kg('emergency', ...CONFIRMED)
    expect([exit, err]).toEqual([0, expect.stringContaining('there is no git remote to push it to')])
    asBefore(site)
  })

  it('works with a remote that does not answer', async () => {
    const site = await broken()
    site.repo.sh('remote', 'set-url', 'origin', join(site.root, 'not-there.git'))
    const { exit, out } = await site.kg('emergency', ...CONFIRMED)
    expect([exit, out]).toEqual([0, expect.stringContaining('still owed: Take the lock')])
    asBefore(site)
  })

  it('fault 51: reports a Redis that is down, with exit 5, when everything else is restored', async () => {
    const site = await broken()
    const yaml = readFileSync(join(site.root, 'knowngood.yaml'), 'utf8')
    writeFileSync(
      join(site.root, 'knowngood.yaml'),
      yaml.replace('sources:\n', 'sources:\n  cache: { use: redis, url: $KG_TEST_REDIS, prefix: "app:" }\n'),
    )
    process.env['KG_TEST_REDIS'] = 'redis://127.0.0.1:1/0'
    const { exit, out } = await site.kg('emergency', ...CONFIRMED)
    delete process.env['KG_TEST_REDIS']
    expect([exit, out]).toEqual([5, expect.stringMatching(/^Production is restored from [^]*^! still owed: .*cache/m)])
    asBefore(site)
  })

  it('has nothing to restore from without a baseline, and says how to make one', async () => {
    const site = await restorable()
    const { exit, err } = await site.kg('emergency', ...CONFIRMED)
    expect([exit, err]).toEqual([3, expect.stringContaining('knowngood baseline create')])
  })
})

describe('a rehearsal', { timeout: 120_000 }, () => {
  it('puts the baseline back into a scratch place, proves it restored and notes the time; nothing live is touched', async () => {
    const site = await broken(`emergency: { smoke: [["sh", "-c", "ls \\"$KNOWNGOOD_SCRATCH\\" > ../smoke.txt"]] }\n`)
    const { exit, json } = await site.kg('emergency', '--rehearse', '--json')
    expect([exit, json]).toEqual([0, expect.objectContaining({ rehearsed: 'immaculate-1' })])
    untouched(site)
    expect(
      site.proofs().filter(({ backup, rung, passed }) => backup === 'immaculate-1' && rung === 'restored' && passed),
    ).not.toEqual([])
    expect(readFileSync(join(site.root, 'backups/rehearsals.jsonl'), 'utf8')).toContain('"baseline":"immaculate-1"')
    expect(readFileSync(join(site.root, '../smoke.txt'), 'utf8')).toContain('database')
    expect(leftovers(site.root)).toEqual([])
  })
})

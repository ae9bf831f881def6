import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { expect, test } from 'vitest'
import { commands } from '../../src/commands/table.ts'
import { fingerprint, operator } from '../helpers/operator.ts'

const MINUTES = 120_000

test('looking, asking for help and planning leave nothing behind', { timeout: MINUTES }, async () => {
  const { kg, demo, ready } = await operator()
  const before = [fingerprint(demo.root), fingerprint(demo.remote)]
  for (const command of commands.filter(({ hidden }) => hidden !== true)) {
    const help = await kg([command.name, '--help'])
    expect([command.name, help.exit, help.err]).toEqual([command.name, 0, ''])
    expect(help.out).toContain('Exit codes:')
  }
  const plans = [
    ['backup', 'quick'],
    ['deploy'],
    ['kickoff'],
    ['verify-live'],
    ['sacred', 'x'],
    ['lock', 'status'],
    ['lock', 'release'],
    ['gate'],
  ]
  for (const plan of plans) expect((await kg([...plan, '--dry-run'])).exit).toBe(0)
  await kg(['status'])
  expect([fingerprint(demo.root), fingerprint(demo.remote)]).toEqual(before)

  await ready()
  const evidence = join(demo.dir, 'note.txt')
  writeFileSync(evidence, 'seen\n')
  const later = [fingerprint(demo.root), fingerprint(demo.remote)]
  const why = ['--reason', 'x', '--approved-by', 'ana', '--confirm=mosaic-production']
  const verdicts = [
    ['gate', 'confirm', 'chat', '--evidence', evidence],
    ['gate', 'fail', 'chat', '--reason', 'x'],
    ['gate', 'waive', 'chat', ...why],
  ]
  for (const verdict of [...verdicts, ['deploy', '--yes'], ['backup', 'quick']])
    expect((await kg([...verdict, '--dry-run', '--json'])).json).toMatchObject({ ok: true, dryRun: true })
  expect([fingerprint(demo.root), fingerprint(demo.remote)]).toEqual(later)
})

test('one document says how it ended, in the words other tools know', { timeout: MINUTES }, async () => {
  const { kg, demo, ready } = await operator()
  await ready()
  const backup = await kg(['backup', 'quick', '--notes', 'token=ghp_abcdefghijklmnopqrstuvwxyz012345', '--json'])
  expect(backup.json).toMatchObject({ schema: 'knowngood/backup/1', ok: true, success: true, type: 'quick' })
  expect(backup.json).toMatchObject({ sizeBytes: expect.any(Number), timestamp: expect.any(String) })
  const listed = (await kg(['backups', '--json'])).json
  expect(listed).toMatchObject({ success: true, backups: expect.any(Array) })
  const [newest] = listed['backups'] as Record<string, unknown>[]
  expect(newest).toMatchObject({ id: backup.json['backupId'], commitHash: backup.json['commitHash'], type: 'quick' })

  const deploy = await kg(['deploy', '--yes', '--json'])
  expect(deploy.json).toMatchObject({
    ok: true,
    backupId: expect.stringMatching(/^quick-/),
    timestamp: expect.any(String),
  })
  expect(deploy.json['sizeBytes']).toBe(readFileSync(join(demo.root, String(deploy.json['exportPath']))).length)
  const candidates = (await kg(['rollback', '--json'])).json['candidates'] as { id: string; undoes: string[] }[]
  // The deploy's own backup carries the very second of its tag.
  expect(candidates.find(({ id }) => id === deploy.json['backupId'])?.undoes).toEqual([deploy.json['tag']])

  const secret = 'ghp_abcdefghijklmnopqrstuvwxyz012345'
  const why = ['--accept-schema', '--confirm=mosaic-production', '--reason', `leaked ${secret}`]
  // The demo's releases lie some days before today, whichever day that is.
  const earlier = candidates.map(({ id }) => id).find((id) => /^prod-\d/.test(id) && id !== deploy.json['tag'])
  const back = await kg(['rollback', String(earlier), ...why, '--json'])
  expect(back.json).toMatchObject({ restoredTo: earlier, commitHash: expect.any(String) })
  const found = execaSync('grep', ['-rl', secret, demo.root, demo.remote], { reject: false })
  expect(found.stdout).toBe('')
})

test(
  'of twenty backups at once each is made or refused as locked, and the refused leave nothing',
  { timeout: MINUTES },
  async () => {
    const { kg, demo } = await operator()
    const ended = await Promise.all(Array.from({ length: 20 }, () => kg(['backup', 'quick', '--json'])))
    const exits = ended.map(({ exit }) => exit)
    expect(exits.every((exit) => exit === 0 || exit === 6)).toBe(true)
    const made = exits.filter((exit) => exit === 0).length
    expect(made).toBeGreaterThan(0)
    expect(readdirSync(join(demo.root, '.knowngood', 'runs'))).toHaveLength(made)
    expect(existsSync(join(demo.root, '.knowngood', 'lock'))).toBe(false)
  },
)

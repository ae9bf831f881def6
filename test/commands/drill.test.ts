import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { drillsDue } from '../../src/core/drill.ts'
import { leftovers, restorable } from '../helpers/restorable.ts'

const CONFIG = `version: { file: package.json }
drills:
  spot:
    smoke: [["sh", "-c", "find \\"$KNOWNGOOD_SCRATCH\\" -name '*.db' | grep -q ."]]
    files: [index.html]
    confirmations: [{ id: sign-in, look: "Sign in as the QA user." }]
`

test(
  'a spot drill restores, counts, looks and runs; what a person has not seen stays open',
  { timeout: 120_000 },
  async () => {
    const site = await restorable({ config: CONFIG })
    site.repo.commit('A version', { 'package.json': '{ "name": "mosaic", "version": "1.4.0" }' })
    for (const kind of ['bundle', 'release'] as const) await site.backup(kind)
    site.change()

    const open = await site.kg('drill', 'spot', '--json')
    expect(open, open.err).toMatchObject({ exit: 3, json: { passed: false, open: ['sign-in'] } })
    const done = await site.kg('drill', 'spot', '--json', '--pass', 'sign-in=walk.mp4')
    expect(done, done.err).toMatchObject({ exit: 0, json: { passed: true, open: [] } })
    const text = readFileSync(join(site.root, String(done.json['log'])), 'utf8')
    expect(text).toMatch(/\*\*Result:\*\* passed/)
    const none = 'No data backup is drilled: backups.data is not configured.'
    expect(done.json['leftOut']).toEqual([none])
    expect(text).toContain(`## Left out\n\n- ${none}\n`)
    expect((await site.kg('drill', 'spot', '-n')).out).toContain(none)
    expect(text).toContain('- [x] sign-in Sign in as the QA user.\n  - `walk.mp4`')
    expect(site.users()).toEqual(['ana', 'ben', 'eve'])
    expect(leftovers(site.root)).toEqual([])
    const restored = site.proofs().filter((proof) => proof.rung === 'restored' && proof.passed)
    expect(new Set(restored.map((proof) => proof.backup.split('-')[0]))).toEqual(new Set(['bundle', 'release']))
    expect((await site.kg('drill', 'status')).out).toMatch(/spot +passed just now +due in 30 d/)

    // A drill that fails is recorded, too, and makes nothing due later.
    writeFileSync(
      join(site.root, 'knowngood.yaml'),
      readFileSync(join(site.root, 'knowngood.yaml'), 'utf8').replace('index.html', 'not-there.toml'),
    )
    const failed = await site.kg('drill', 'spot', '--json', '--pass', 'sign-in')
    expect(failed).toMatchObject({ exit: 4, json: { passed: false } })
    expect(readFileSync(join(site.root, String(failed.json['log'])), 'utf8')).toContain(
      'not-there.toml is nowhere in what was restored',
    )
    expect(leftovers(site.root)).toEqual([])
    expect((await site.kg('drill', 'spot', '--pass', 'nothing')).exit).toBe(2)
  },
)

test('the checklist ticks what held, marks the look that found something, and leaves open what was not tried', async () => {
  const site = await restorable()
  await site.backup('release')
  const [release = ''] = readdirSync(join(site.root, 'backups/releases'))
  const copy = join(site.root, 'backups/releases', release, 'database/database.db')
  writeFileSync(copy, readFileSync(copy).fill(1, 100, 101))
  const failed = await site.kg('drill', 'spot', '--json')
  expect(failed, failed.err).toMatchObject({ exit: 4, json: { passed: false } })
  const lines = readFileSync(join(site.root, String(failed.json['log'])), 'utf8').split('\n')
  const line = (title: string) => lines.find((one) => one.includes(title))
  expect(line('Hold on to it')).toMatch(/^- \[x\]/)
  expect(line('Read every byte again')).toMatch(/^- \[ \] .*\*\*failed\*\*/)
  expect(line('Open database/database.db')).toMatch(/^- \[ \] (?!.*failed)/)
  expect(line('Restore database beside')).toMatch(/^- \[ \] (?!.*failed)/)
})

test(
  'a live drill restores in place, runs the smoke tests on it, and can be swapped back',
  { timeout: 120_000 },
  async () => {
    const site = await restorable({
      config: 'drills: { full: { smoke: [["test", "-e", "uploads/deep/photo.txt"]] } }\n',
    })
    await site.backup('release')
    site.change()
    expect((await site.kg('drill', 'full', '--live')).exit).toBe(2)
    expect(site.users()).toEqual(['ana', 'ben', 'eve'])
    const done = await site.kg(
      'drill',
      'full',
      '--live',
      '--json',
      '--confirm=mosaic-production',
      '--reason',
      'quarterly',
    )
    expect(done, done.err).toMatchObject({ exit: 0, json: { passed: true } })
    expect(site.users()).toEqual(['ana', 'ben'])
    expect(site.asked().filter((word) => word !== 'status')).toEqual(['stop', 'start'])
    const back = await site.kg(
      'restore',
      '--undo',
      String(done.json['run']),
      '--confirm=mosaic-production',
      '--reason',
      'x',
    )
    expect(back, back.err).toMatchObject({ exit: 0 })
    expect(site.users()).toEqual(['ana', 'ben', 'eve'])
  },
)

test('a drill is due from the last one that was passed; a full one counts as a spot one', () => {
  const day = 86_400_000
  const line = { run: 'r', ms: 1, backups: [], by: 'ana', log: '' }
  const lines = [
    { ...line, kind: 'full', at: '2025-10-01T00:00:00.000Z', passed: true },
    { ...line, kind: 'spot', at: '2025-11-20T00:00:00.000Z', passed: false },
  ] as const
  const due = drillsDue({ spot: 30 * day, full: 90 * day }, lines, new Date('2025-11-21T00:00:00.000Z'))
  expect(due).toEqual([
    { kind: 'spot', lastAt: '2025-10-01T00:00:00.000Z', dueAt: '2025-10-31T00:00:00.000Z', overdueMs: 21 * day },
    { kind: 'full', lastAt: '2025-10-01T00:00:00.000Z', dueAt: '2025-12-30T00:00:00.000Z', overdueMs: 0 },
  ])
  expect(drillsDue({ spot: day, full: day }, [], new Date())[0]).toMatchObject({ lastAt: null, dueAt: null })
})

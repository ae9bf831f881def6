import { execFile } from 'node:child_process'
import { appendFile, chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { auditAnchors } from '../../src/core/audit-chain.ts'
import type { AuditEvent } from '../../src/core/audit-chain.ts'
import { appendAudit, auditHead, readAudit, recentAudit, verifyAudit } from '../../src/records/audit-log.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kg-audit-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const log = () => join(root, '.verification_audit.log')
function event(subject: string, more: Partial<AuditEvent> = {}): AuditEvent {
  return { actor: 'ana', host: 'deck', run: null, event: 'backup.quick', outcome: 'done', subject, ...more }
}

test('each line carries the hash of the one before it', async () => {
  const first = await appendAudit(root, event('one'))
  const second = await appendAudit(root, event('two'))
  const rows = await readAudit(root)
  expect(rows.map((row) => row.entry?.prev)).toEqual([null, first.hash])
  expect(await auditHead(root)).toBe(second.hash)
  expect(await verifyAudit(root)).toMatchObject({ ok: true, ours: 2, foreign: 0, head: second.hash, broken: null })
})

test('lines of other tools before, between and after are kept and tolerated', async () => {
  await writeFile(log(), '2025-11-18T03:30:32Z PASS pre-push verification\n')
  await appendAudit(root, event('one'))
  await appendFile(log(), '{"timestamp":"2025-11-18 04:00:00","event":"deploy","status":"ok","user":"ben"}\n')
  await appendAudit(root, event('two'))
  await appendFile(log(), 'no line break at the end')
  await appendAudit(root, event('three'))
  expect(await verifyAudit(root)).toMatchObject({ ok: true, ours: 3, foreign: 3 })
  const seen = await recentAudit(root)
  expect(seen.map((view) => view.says)).toEqual([
    'Quick backup created: three',
    'no line break at the end',
    'Quick backup created: two',
    'deploy · ok',
    'Quick backup created: one',
    'PASS pre-push verification',
  ])
  expect(seen[3]).toMatchObject({ legacy: true, actor: 'ben', at: '2025-11-18T04:00:00.000Z' })
  expect(seen[5]).toMatchObject({ legacy: true, at: '2025-11-18T03:30:32.000Z' })
})

test('a changed line in the middle is named', async () => {
  for (const subject of ['one', 'two', 'three', 'four']) await appendAudit(root, event(subject))
  await writeFile(log(), (await readFile(log(), 'utf8')).replace('"two"', '"TWO"'))
  const verdict = await verifyAudit(root)
  expect(verdict.ok).toBe(false)
  expect(verdict.broken).toMatchObject({ line: 3 })
  expect(verdict.broken?.because).toContain('line 2')
  await appendAudit(root, event('five'))
  expect((await verifyAudit(root)).broken?.line).toBe(3)
})

test('a removed line, a lost beginning and a cut end are named', async () => {
  for (const subject of ['one', 'two', 'three']) await appendAudit(root, event(subject))
  const whole = await readFile(log(), 'utf8')
  const lines = whole.trimEnd().split('\n')
  await writeFile(log(), [lines[0], lines[2], ''].join('\n'))
  expect((await verifyAudit(root)).broken?.line).toBe(2)
  await writeFile(log(), [lines[1], lines[2], ''].join('\n'))
  expect((await verifyAudit(root)).broken).toMatchObject({ line: 1, because: 'the lines before it are gone' })
  await writeFile(log(), [lines[0], lines[1], ''].join('\n'))
  expect((await verifyAudit(root)).broken).toMatchObject({ line: 3 })
  // What is added after a cut must not hide it.
  await appendAudit(root, event('four'))
  expect((await verifyAudit(root)).broken).toMatchObject({ line: 3 })
  await writeFile(log(), '')
  await appendAudit(root, event('five'))
  expect((await verifyAudit(root)).broken).toMatchObject({ line: 1 })
})

test('a line torn by a crash breaks nothing', async () => {
  await appendAudit(root, event('one'))
  await appendFile(log(), '{"v":1,"at":"2026-11-2')
  await appendAudit(root, event('two'))
  expect(await verifyAudit(root)).toMatchObject({ ok: true, ours: 2, foreign: 1 })
})

test('anchored heads are found, of other clones, or gone', async () => {
  const { hash } = await appendAudit(root, event('one'))
  const other = 'a'.repeat(64)
  const verdict = await verifyAudit(root, [
    { name: 'prod-1', head: hash, here: true, run: null },
    { name: 'prod-2', head: other, here: false, run: null },
  ])
  expect(verdict.ok).toBe(true)
  expect(verdict.anchors.map((anchor) => anchor.says)).toEqual(['found', 'found', 'kept elsewhere'])
  expect((await verifyAudit(root, [{ name: 'prod-2', head: other, here: true, run: null }])).broken?.because).toContain(
    'prod-2',
  )
})

test('a head that a tag of this clone carries must be in the log', async () => {
  await appendAudit(root, event('one'))
  const run = 'deploy-20251121_120711Z-a1b2'
  const message = `Release 1.5.0\n\nRun: ${run}\nAudit-Head: ${'b'.repeat(64)}\n`
  const anchors = auditAnchors([
    { name: 'prod-2025-11-21', message },
    { name: 'prod-2025-11-18', message: 'by hand' },
  ])
  expect(anchors).toHaveLength(1)
  expect((await verifyAudit(root, anchors)).says).toEqual([
    'The chain holds: 1 line.',
    'prod-2025-11-21: head bbbbbbbbbbbb is kept elsewhere',
  ])
  await mkdir(join(root, '.knowngood/runs', run), { recursive: true })
  await writeFile(join(root, '.knowngood/runs', run, 'journal.jsonl'), '')
  expect((await verifyAudit(root, anchors)).broken?.because).toContain('prod-2025-11-21')
})

test('writers in several processes never fork the chain', async () => {
  const script = join(root, 'write.mjs')
  const module = new URL('../../src/records/audit-log.ts', import.meta.url).href
  await writeFile(
    script,
    `import { appendAudit } from '${module}'
    for (let i = 0; i < 15; i++) await appendAudit(${JSON.stringify(root)}, { actor: 'a', host: 'h', run: null, event: 'e', outcome: 'done', subject: process.pid + ' ' + i })`,
  )
  await Promise.all([0, 1, 2].map(() => promisify(execFile)(process.execPath, ['--no-warnings', script])))
  expect(await verifyAudit(root)).toMatchObject({ ok: true, ours: 45 })
}, 30_000)

test('callers of one process queue too', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, i) => appendAudit(root, event(String(i)))))
  expect(await verifyAudit(root)).toMatchObject({ ok: true, ours: 20 })
})

test('an unwritable log and a planted link are errors', async (context) => {
  await symlink('/nowhere', log())
  await expect(appendAudit(root, event('one'))).rejects.toThrow('ELOOP')
  await rm(log())
  await appendAudit(root, event('one'))
  if (process.getuid?.() === 0) context.skip('root may write anything')
  await chmod(log(), 0o400)
  await expect(appendAudit(root, event('two'))).rejects.toThrow(/EACCES/)
})

test('hostile text is inert and secrets are masked', async () => {
  process.env['KG_TEST_TOKEN'] = 'canary-4711'
  await appendAudit(root, event('x\u001b]52;c;AAAA\u0007y canary-4711', { event: 'deploy', outcome: 'failed' }))
  delete process.env['KG_TEST_TOKEN']
  expect((await recentAudit(root))[0]?.says).toBe('Deploy failed: xy ***')
  expect(await readFile(log(), 'utf8')).not.toContain('canary')
})

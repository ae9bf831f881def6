import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { auditAnchors } from '../../src/core/audit-chain.ts'
import { appendAudit, recentAudit, verifyAudit } from '../../src/records/audit-log.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kg-audit-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const add = (actor: string, subject: string) =>
  appendAudit(root, { actor, host: 'deck', run: null, event: 'backup.quick', outcome: 'done', subject })

/** A tag of a deploy of this clone, made at that time, with the head the log had then. */
async function tagged(name: string, head: string, at: Date) {
  const run = `deploy-20251121_12071${name.at(-1)}Z-a1b2`
  await mkdir(join(root, '.knowngood/runs', run), { recursive: true })
  await writeFile(join(root, '.knowngood/runs', run, 'journal.jsonl'), '')
  return { name, at: at.toISOString(), message: `Release\n\nRun: ${run}\nAudit-Head: ${head}\n` }
}

test('fault 68: a log begun anew beside one that was kept aside says so, who began it and why, and holds with the heads of tags from before', async () => {
  const log = join(root, '.verification_audit.log')
  const head = join(root, '.knowngood/audit-head.json')
  const { hash } = await add('ana', 'one')
  const before = await tagged('prod-1', hash, new Date(Date.now() - 60_000))
  await writeFile(log, (await readFile(log, 'utf8')).replace('one', 'two'))
  expect(await verifyAudit(root, auditAnchors([before]))).toMatchObject({ ok: false, anew: null })
  for (const file of [log, head]) await rename(file, `${file}.broken`)
  const { hash: later } = await add('ben', 'three')
  const verdict = await verifyAudit(root, auditAnchors([before, await tagged('prod-2', later, new Date())]))
  expect(verdict).toMatchObject({ ok: true, ours: 2, broken: null })
  expect(verdict.says).toEqual([
    'The chain holds: 2 lines.',
    expect.stringMatching(
      /^It was begun anew 20\S+Z by ben: the log before it does not hold and was kept aside as \.verification_audit\.log\.broken\.$/,
    ),
    expect.stringMatching(/^prod-1: head [0-9a-f]{12} is of the log kept aside$/),
    expect.stringMatching(/^prod-2: head [0-9a-f]{12} is in this log$/),
  ])
  expect((await recentAudit(root)).at(-1)?.says).toBe('Audit begun anew: .verification_audit.log.broken')
})

test('a head of a tag made after the new beginning must be in the log, and one that was cut is still found out', async () => {
  await writeFile(join(root, '.verification_audit.log.broken'), 'evidence\n')
  await add('ben', 'one')
  const after = await tagged('prod-3', 'b'.repeat(64), new Date(Date.now() + 60_000))
  expect((await verifyAudit(root, auditAnchors([after]))).broken?.because).toContain('prod-3')
  await rm(join(root, '.verification_audit.log'))
  expect(await verifyAudit(root)).toMatchObject({ ok: false })
})

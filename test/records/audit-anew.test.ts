import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { auditAnchors } from '../../src/core/audit-chain.ts'
import type { UserError } from '../../src/core/failure.ts'
import { appendAudit, recentAudit, verifyAudit } from '../../src/records/audit-log.ts'
import { refuseBrokenChain } from '../../src/run/witness.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kg-audit-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const line = (actor: string, subject: string) => ({
  actor,
  host: 'deck',
  run: null,
  event: 'backup.quick',
  outcome: 'done',
  subject,
})
const add = (actor: string, subject: string) => appendAudit(root, line(actor, subject))

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

test('fault 68: the line a refusal prints keeps the broken log aside, also where one is kept already and in a folder with blanks', async () => {
  const project = join(root, "ana's project")
  const log = join(project, '.verification_audit.log')
  await mkdir(project)
  for (const aside of ['.broken', '.broken-2']) {
    await appendAudit(project, line('ana', 'one'))
    const broken = (await readFile(log, 'utf8')).replace('"ana"', '"eve"')
    await writeFile(log, broken)
    const refused = await refuseBrokenChain(project, 'deploy').catch((error: unknown) => error as UserError)
    const typed = refused?.next.join('\n').match(/: (mv .*)/)?.[1]
    execFileSync('sh', ['-c', typed ?? 'false'])
    expect(await readFile(`${log}${aside}`, 'utf8')).toBe(broken)
    await refuseBrokenChain(project, 'deploy')
    await appendAudit(project, line('ben', 'two'))
    expect((await recentAudit(project)).at(-1)?.says).toBe(`Audit begun anew: .verification_audit.log${aside}`)
  }
})

test('a head of a tag made after the new beginning must be in the log, and one that was cut is still found out', async () => {
  await writeFile(join(root, '.verification_audit.log.broken'), 'evidence\n')
  await add('ben', 'one')
  const after = await tagged('prod-3', 'b'.repeat(64), new Date(Date.now() + 60_000))
  expect((await verifyAudit(root, auditAnchors([after]))).broken?.because).toContain('prod-3')
  await rm(join(root, '.verification_audit.log'))
  expect(await verifyAudit(root)).toMatchObject({ ok: false })
})

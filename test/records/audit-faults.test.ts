import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { appendAudit, auditBlocked, verifyAudit } from '../../src/records/audit-log.ts'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kg-audit-'))
  await mkdir(join(dir, 'root'))
})
afterEach(async () => {
  spawnSync('umount', [join(dir, 'root')])
  await rm(dir, { recursive: true, force: true })
})

const root = () => join(dir, 'root')
const add = (subject: string) =>
  appendAudit(root(), { actor: 'ana', host: 'deck', run: null, event: 'deploy', outcome: 'done', subject })
const mounted = (options: string): boolean =>
  process.getuid?.() === 0 && spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'kg', root()]).status === 0

test('on a full disk the line fails, and the chain goes on when there is room again', async (context) => {
  if (!mounted('size=256k')) context.skip('a small file system can only be mounted by root')
  await add('one')
  await writeFile(join(root(), 'filler'), Buffer.alloc(400_000)).catch(() => undefined)
  await expect(add('x'.repeat(20_000))).rejects.toThrow('ENOSPC')
  await rm(join(root(), 'filler'))
  await add('two')
  expect(await verifyAudit(root())).toMatchObject({ ok: true, ours: 2 })
})

test('a read-only disk is an error before anything else', async (context) => {
  if (!mounted('size=1m')) context.skip('a small file system can only be mounted by root')
  await add('one')
  spawnSync('mount', ['-o', 'remount,ro', root()])
  await expect(add('two')).rejects.toThrow(/readonly|read-only|unable to open|EROFS/)
  expect(await auditBlocked(root())).toContain('EROFS')
  expect(await verifyAudit(root())).toMatchObject({ ok: true, ours: 1 })
})

test('a writer killed at any moment leaves a chain that holds', async () => {
  const module = new URL('../../src/records/audit-log.ts', import.meta.url).href
  const script = `import { appendAudit } from '${module}'
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(process.argv[1]))
    for (let i = 0; ; i++) await appendAudit(${JSON.stringify(root())}, { actor: 'a', host: 'h', run: null, event: 'e', outcome: 'done', subject: String(i) })`
  for (const ms of [40, 55, 70, 85]) {
    spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', script, String(ms)])
  }
  await add('last')
  expect((await verifyAudit(root())).broken).toBeNull()
}, 20_000)

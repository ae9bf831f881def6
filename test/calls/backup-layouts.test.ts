import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { planBackup } from '../../src/plans/backup.ts'
import type { BackupRequest } from '../../src/plans/backup-request.ts'
import { production } from '../helpers/production.ts'

const json = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
const run = (cwd: string, file: string, ...args: string[]) => execFileSync(file, args, { cwd, encoding: 'utf8' })

async function made(kind: BackupRequest['kind'], more: Partial<BackupRequest> = {}, before?: (root: string) => void) {
  const at = await production()
  before?.(at.project.root)
  const plan = planBackup(at.project, await at.facts(), { kind, ...more }, at.decided('backup'))
  expect(plan.holds).toEqual([])
  const result = await at.execute(plan)
  expect(result.error).toBeNull()
  const gives = result.gives['backup.publish'] ?? {}
  return { ...at, root: at.project.root, gives, plan }
}

test('a full backup keeps the fields of the teams', async () => {
  const { root, gives } = await made('full', { notes: 'Pre-schema-migration backup' })
  const record = json(join(root, String(gives['path'])))
  expect(Object.keys(record).slice(0, 9)).toEqual([
    'id',
    'type',
    'timestamp',
    'commitHash',
    'commitMessage',
    'branch',
    'convexExportPath',
    'exportSizeBytes',
    'notes',
  ])
  const file = String(record['convexExportPath'])
  expect(file).toMatch(/^backups\/full\/database-\d+\.db$/)
  expect(statSync(join(root, file)).size).toBe(record['exportSizeBytes'])
  expect(readdirSync(join(root, 'backups/full')).filter((name) => name.startsWith('.'))).toEqual([])
})

test('a set explains itself', async () => {
  const { root, gives } = await made('set', { name: 'before-upgrade' })
  const folder = join(root, 'backups/before-upgrade')
  expect(gives['id']).toBe('before-upgrade')
  expect(run(folder, 'sha256sum', '-c', 'CHECKSUM.sha256')).not.toContain('FAILED')
  expect(existsSync(join(folder, 'git/HEAD_COMMIT'))).toBe(true)
})

test('a site backup is one plain zip', async () => {
  const { root, gives } = await made('site', {}, (root) => writeFileSync(join(root, '.env'), 'TOKEN=abc\n'))
  expect(run(root, 'unzip', '-t', String(gives['path']))).toContain('No errors detected')
  expect(run(root, 'unzip', '-l', String(gives['path']))).not.toContain('.env')
})

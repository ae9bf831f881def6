import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { confirmDoubts } from '../../src/calls/confirm-doubts.ts'
import { statePaths } from '../../src/core/paths.ts'
import { recentAudit } from '../../src/records/audit-log.ts'
import { withoutConfirmed } from '../../src/records/confirmed.ts'
import { someBackups } from '../helpers/fake-backups.ts'
import { temporaryFolder } from '../helpers/temp.ts'

const IN_DOUBT = 'release-20251120_031500Z'
const given = { id: IN_DOUBT, reason: 'the archive table was dropped', operator: 'ana' }

function project(): string {
  const root = temporaryFolder()
  mkdirSync(join(root, 'backups'))
  return root
}

const doubtsIn = async (root: string, backups = someBackups): Promise<string[]> =>
  (await withoutConfirmed(root, backups)).flatMap((backup) => backup.doubts ?? [])

test('a doubt stays until it is confirmed, and the audit log keeps who did and why', async () => {
  const root = project()
  expect(await doubtsIn(root)).toHaveLength(1)
  expect(await confirmDoubts(root, someBackups, given)).toEqual([
    'database is 1.1 MB, half the size of the last one (5.2 MB)',
  ])
  expect(await doubtsIn(root)).toEqual([])
  const [line] = await recentAudit(root)
  expect(line).toMatchObject({ actor: 'ana', says: `Doubt confirmed: ${IN_DOUBT}` })
  expect(readFileSync(statePaths(root).auditLog, 'utf8')).toContain('the archive table was dropped')
})

test('what was confirmed holds for these bytes only', async () => {
  const root = project()
  await confirmDoubts(root, someBackups, given)
  const changed = someBackups.map((backup) => ({ ...backup, digest: 'ff'.repeat(32) }))
  expect(await doubtsIn(root, changed)).toHaveLength(1)
})

test('torn and foreign lines confirm nothing', async () => {
  const root = project()
  appendFileSync(statePaths(root).confirmed, `{"backup":"${IN_DOUBT}"}\nnot json\n{"backup":`)
  expect(await doubtsIn(root)).toHaveLength(1)
})

test('one that is not in doubt, not there, or without a reason is refused, and nothing is written', async () => {
  const root = project()
  await expect(confirmDoubts(root, someBackups, { ...given, id: 'full-1763436540000' })).rejects.toThrow('not in doubt')
  await expect(confirmDoubts(root, someBackups, { ...given, id: 'full-1' })).rejects.toThrow('There is no backup')
  await expect(confirmDoubts(root, someBackups, { ...given, reason: ' ' })).rejects.toThrow('right as it is')
  expect(await recentAudit(root)).toEqual([])
})

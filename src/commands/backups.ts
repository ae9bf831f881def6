import { age, size } from '../core/age.ts'
import type { ListedBackup } from '../core/backup.ts'
import { EXIT, held } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'
import { table } from '../report/table.ts'
import type { RunCommand } from './command.ts'

/** `knowngood backups`: all of them together, newest first, found ones included. */
export const run: RunCommand = async (context) => {
  const facts = await context.facts({ only: ['backups'] })
  if (!facts.backups.ok) throw held("Can't list the backups", facts.backups.because, [facts.backups.fix])
  const backups = facts.backups.value
  const lines = table(
    backups.map((one) => [
      one.id,
      one.kind,
      age(one.at, context.now()),
      size(one.bytes),
      proofWord(one),
      one.commit?.slice(0, 7) ?? '',
      one.notes ?? one.commitSubject ?? '',
    ]),
    [3],
  )
  return {
    exit: EXIT.done,
    data: { backups: backups.map(seedShape) },
    lines: lines.length > 0 ? lines : ['No backups yet. knowngood backup quick makes the first.'],
  }
}

/** The rung, or why the backup cannot be used. */
export function proofWord(backup: ListedBackup): string {
  return backup.state === 'ok' ? backup.rung : `${backup.state}: ${backup.because ?? 'no reason known'}`
}

/** A listed backup with the seed API's field names beside the record's own. */
export function seedShape(backup: ListedBackup): JsonRecord {
  return {
    ...(backup as unknown as JsonRecord),
    type: backup.kind,
    timestamp: backup.at,
    commitHash: backup.commit,
    commitMessage: backup.commitSubject,
    size: backup.bytes,
  }
}

import type { ListedBackup } from '../core/backup.ts'
import { held } from '../core/failure.ts'
import { namedBackup } from '../core/named-backup.ts'
import { appendAudit } from '../records/audit-log.ts'
import { appendConfirmed } from '../records/confirmed.ts'
import { now } from '../world/clock.ts'
import { host } from '../world/identity.ts'
import { mask } from '../world/secrets.ts'

/**
 * Says that a backup is right although it is in doubt: its audit line first, then the record. Without the line nothing
 * is confirmed. Gives the doubts that are settled by it.
 */
export async function confirmDoubts(
  root: string,
  backups: readonly ListedBackup[],
  given: { id: string; reason: string; operator: string },
): Promise<string[]> {
  const { id, operator } = given
  const backup = namedBackup(backups, id)
  const doubts = backup.doubts ?? []
  if (doubts.length === 0)
    throw held(`${backup.id} is not in doubt`, 'there is nothing to confirm', [`knowngood show ${backup.id}`])
  const reason = mask(given.reason.trim())
  if (reason === '') throw held(`Why is ${backup.id} right as it is?`, 'nothing was said', ['--reason "…"'])
  const { digest } = backup
  await appendAudit(root, {
    actor: operator,
    host: host(),
    run: null,
    event: 'doubt',
    outcome: 'confirmed',
    subject: backup.id,
    detail: { digest, reason, doubts },
  })
  await appendConfirmed(root, { backup: id, digest, at: now().toISOString(), by: operator, reason })
  return [...doubts]
}

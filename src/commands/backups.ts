import { age, size } from '../core/age.ts'
import type { BackupKind, ListedBackup } from '../core/backup.ts'
import { EXIT, held } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'
import { KINDS } from '../core/kinds.ts'
import type { Project } from '../core/project.ts'
import { undoneBy } from '../core/rollback-candidates.ts'
import { observeListing } from '../facts/listing.ts'
import { table } from '../report/table.ts'
import type { Report, RunCommand } from './command.ts'
import type { Context } from './context.ts'

/** More names than this have no room in a row, however short they are. */
const MOST_NAMES = 20

/** `knowngood backups [KIND]`: all of them together, newest first, found ones included. */
export const run: RunCommand = async (context, [word]) => {
  const kind = Object.values(KINDS).find((spec) => spec.kind === word)?.kind ?? null
  const none = kind === null ? 'No backups yet. knowngood backup quick makes the first.' : `No ${kind} backups yet.`
  return await listReport(context, kind, none)
}

/** Backups as a table and as the seeds' list, of one kind or of all. */
export async function listReport(context: Context, kind: BackupKind | null, none: string): Promise<Report> {
  const project = await context.project()
  const listing = await observeListing(project)
  if (!listing.backups.ok) throw held("Can't list the backups", listing.backups.because, [listing.backups.fix])
  const backups = listing.backups.value.filter((one) => kind === null || one.kind === kind)
  const undoes = undoneBy(listing.git)
  const words = wording()
  const away = await awayLine(project, kind)
  const moment = context.now()
  const lines = table(
    backups.map((one) => [
      one.id,
      one.kind,
      age(one.at, moment),
      size(one.bytes),
      proofWord(one),
      one.commit?.slice(0, 7) ?? '',
      words(undoes(one)),
      one.notes ?? one.commitSubject ?? '',
    ]),
    [3],
  )
  return {
    exit: EXIT.done,
    // Made when it is asked for: a table of thousands waits for no list of them.
    get data() {
      return {
        backups: backups.map((one) => ({ ...seedShape(one), undoes: [...undoes(one)] })),
        ...(away === null ? {} : { warnings: [away] }),
      }
    },
    lines: [...(lines.length > 0 ? lines : [none]), ...(away === null ? [] : [`! ${away}`])],
  }
}

/** Names for a row, put together once for each list: thousands of backups share them. */
function wording(): (names: readonly string[]) => string {
  const known = new Map<readonly string[], string>()
  return (names) => {
    if (names.length === 0) return ''
    const text = known.get(names) ?? `undoes ${names.slice(0, MOST_NAMES).join(', ')}`
    known.set(names, text)
    return text
  }
}

/** A drive that is not there now, or null: what lies on it cannot be listed. */
async function awayLine(project: Project, kind: BackupKind | null): Promise<string | null> {
  if (project.backups.data === null || (kind !== null && kind !== 'data')) return null
  // Loaded for those who keep archives on a drive: making a list waits for no plug-in.
  const [{ driveAway }, { driveOf }] = await Promise.all([
    import('../calls/backup-drive.ts'),
    import('../plans/backup-request.ts'),
  ])
  const drive = driveOf(project, 'data')
  const why = drive === null ? null : await driveAway(drive, project.root)
  return why === null ? null : `Data archives are not listed: ${why}.`
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

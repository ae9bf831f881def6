import type { ListedBackup } from '../core/backup.ts'
import { statePaths } from '../core/paths.ts'
import { appendLine, readText } from '../world/files.ts'

/** Somebody looked at what a backup is in doubt about and says that it is right. It holds for these bytes only. */
export type Confirmed = { backup: string; digest: string; at: string; by: string; reason: string }

/** On disk when it returns. */
export async function appendConfirmed(root: string, confirmed: Confirmed): Promise<void> {
  await appendLine(statePaths(root).confirmed, JSON.stringify(confirmed))
}

/** The backups without the doubts that were confirmed. */
export async function withoutConfirmed(root: string, backups: ListedBackup[]): Promise<ListedBackup[]> {
  if (!backups.some((backup) => (backup.doubts ?? []).length > 0)) return backups
  const settled = await readConfirmed(root)
  return backups.map((backup) => {
    if (backup.doubts === undefined || !settled.has(keyOf(backup.id, backup.digest))) return backup
    const { doubts: _, ...rest } = backup
    return rest
  })
}

async function readConfirmed(root: string): Promise<ReadonlySet<string>> {
  const text = (await readText(statePaths(root).confirmed)) ?? ''
  return new Set(text.split('\n').flatMap(keyIn))
}

/** Lines that are torn or foreign are passed over. */
function keyIn(line: string): string[] {
  if (line.trim() === '') return []
  try {
    const { backup, digest } = JSON.parse(line) as Partial<Confirmed>
    return typeof backup === 'string' && typeof digest === 'string' ? [keyOf(backup, digest)] : []
  } catch {
    return []
  }
}

const keyOf = (backup: string, digest: string): string => `${backup} ${digest}`

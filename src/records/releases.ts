import type { ReleaseRow } from '../core/facts.ts'
import { recordsVariable } from '../core/project.ts'
import { listReleases, openReleases } from './release-record.ts'
import type { Added, NewRelease } from './release-record.ts'

/** Where release records are kept: `sqlite:` and a file below the root, or `$` and the variable that names a PostgreSQL. */
export type RecordsAt = { root: string; url: string; signal?: AbortSignal | undefined }

/** How long one question to a database may take while somebody waits for a screen, ms. */
const LOOK_MS = 3000

/** Records these, each at most once however often it is asked for. Makes the table where there is none. Throws a StepFailed or a UserError when a database does not take them. */
export async function addReleases({ root, url, signal }: RecordsAt, rows: readonly NewRelease[]): Promise<Added[]> {
  const variable = recordsVariable(url)
  if (variable !== null) {
    const { addToPostgres } = await import('./postgres-releases.ts')
    return await addToPostgres({ variable, signal }, rows)
  }
  const releases = await openReleases(root, url)
  try {
    return rows.map((row) => releases.insert(row))
  } finally {
    releases.close()
  }
}

/** The newest `limit` rows; none, and nothing made, where nothing was recorded yet. A database has `limitMs` to answer. */
export async function readReleases(
  { root, url, signal }: RecordsAt,
  limit: number,
  limitMs = LOOK_MS,
): Promise<ReleaseRow[]> {
  const variable = recordsVariable(url)
  if (variable === null) return await listReleases(root, url, limit)
  const { readFromPostgres } = await import('./postgres-releases.ts')
  return await readFromPostgres({ variable, signal }, limit, limitMs)
}

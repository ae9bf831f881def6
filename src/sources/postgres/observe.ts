import { messageOf } from '../../core/failure.ts'
import type { JsonRecord } from '../../core/json.ts'
import { known, unknown, type Known } from '../../core/known.ts'
import { now } from '../../world/clock.ts'
import { secretValue } from '../../world/secrets.ts'
import { whyNoSwap } from './maintenance.ts'
import { given, type Options } from './options.ts'
import { withPsql } from '../../world/postgres/psql.ts'
import { withServer } from '../../world/postgres/server.ts'
import { revisionOf } from './tables.ts'

/** Long enough for a server far away; a dashboard waits for it. */
const LOOK_MS = 5000

/** The schema revision, the database's name and size, and migrations that failed. Looks only. */
export async function observePostgres(
  o: Options,
  signal?: AbortSignal,
): Promise<{ schema: Known<string | null>; detail: JsonRecord }> {
  const at = now().toISOString()
  const { url, migrations } = given(o)
  try {
    return await withServer(url, secretValue, async (server) =>
      withPsql(server, { signal, limitMs: LOOK_MS }, async (psql) => {
        const [facts] = await psql.rows<{ bytes: number; server: string }>(
          "SELECT pg_database_size(current_database()) AS bytes, current_setting('server_version') AS server",
        )
        // Why a restore in place would be held; plans look at it.
        const swap = await whyNoSwap(psql, server.database)
        const { revision, failed } = await revisionOf(psql, migrations)
        return {
          schema: known(revision, at),
          detail: {
            database: server.database,
            at: server.at,
            bytes: facts?.bytes ?? null,
            server: facts?.server ?? null,
            failed,
            swap,
          },
        }
      }),
    )
  } catch (error) {
    const fix = url === null ? 'Look at it: psql -c "select 1"' : `Look at it: psql "$${url}" -c "select 1"`
    return { schema: unknown(`the database cannot be asked: ${messageOf(error)}`, fix, at), detail: {} }
  }
}

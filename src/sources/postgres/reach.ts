import { held } from '../../core/failure.ts'
import type { JsonRecord } from '../../core/json.ts'
import type { Io } from '../../core/plan.ts'
import { versionOf } from '../../world/postgres/psql.ts'
import { withServer } from '../../world/postgres/server.ts'
import { fromOutside, whyNoSwap } from './maintenance.ts'
import type { Given } from './options.ts'
import { mustRestoreInto } from './tools.ts'

/** How long a server may take to say that it is there. */
const LIMIT_MS = 30_000

/**
 * Whether the server lets this role in and could be restored into, before anything is stopped for it. The database itself may be
 * gone. Throws a StepFailed with the server's words, or a hold.
 */
export async function reach({ given }: { given: Given }, io: Io): Promise<JsonRecord> {
  return await withServer(given.url, io.secret, async (server) =>
    fromOutside(
      server,
      LIMIT_MS,
      async (psql) => {
        await mustRestoreInto(await versionOf(psql), io.signal)
        const forbids = await whyNoSwap(psql, server.database, false)
        if (forbids !== null)
          throw held(`${server.database} cannot be restored in place`, forbids, [
            'Restore it beside, into a database of your own: knowngood restore ID --to $URL',
          ])
        return {}
      },
      io.signal,
    ),
  )
}

import { messageOf, StepFailed } from '../../core/failure.ts'
import type { JsonRecord } from '../../core/json.ts'
import type { Io } from '../../core/plan.ts'
import { ident } from '../../world/postgres/quote.ts'
import { withServer } from '../../world/postgres/server.ts'
import { databases, fromOutside } from './maintenance.ts'
import { beforeName } from './names.ts'
import type { Given } from './options.ts'

/** What an exchange moved out of the way: by its name then and now, and by what the server knows it for whatever its name. */
export type Kept = { live: string; before: string; oid: number } | null
type Forget = { given: Given; run: string; kept: NonNullable<Kept> }

const LIMIT_MS = 120_000

/** Drops the database an exchange kept. One that is gone is fine; one that is another by now, or in use, is left and said. */
export async function forget({ given, run, kept }: Forget, io: Io): Promise<JsonRecord> {
  const { live, before } = kept
  if (before !== beforeName(live, run))
    throw new StepFailed('postgres', `${before} is not what ${run} kept of ${live}, and is left as it is`)
  return await standing({ given, kept }, io, async (oid, drop) => {
    if (oid === null) return {}
    if (oid !== kept.oid)
      throw new StepFailed('postgres', `${before} is another database than the one ${run} kept, and is left as it is`)
    await drop().catch((error: unknown) => {
      throw new StepFailed('postgres', `${before} cannot be dropped: ${messageOf(error)}`)
    })
    return {}
  })
}

export async function forgotten({ given, kept }: Omit<Forget, 'run'>, io: Io): Promise<JsonRecord> {
  return await standing({ given, kept }, io, async (oid) => ({
    state: oid === null ? 'done' : oid === kept.oid ? 'absent' : 'foreign',
    saw: { database: kept.before },
  }))
}

async function standing(
  { given, kept }: Omit<Forget, 'run'>,
  io: Io,
  work: (oid: number | null, drop: () => Promise<void>) => Promise<JsonRecord>,
): Promise<JsonRecord> {
  return await withServer(given.url, io.secret, async (server) =>
    fromOutside(
      server,
      LIMIT_MS,
      async (psql) => {
        const [found] = await databases(psql, kept.before)
        return work(found?.oid ?? null, async () => psql.run(`DROP DATABASE ${ident(kept.before)}`))
      },
      io.signal,
    ),
  )
}

import { held } from '../../core/failure.ts'
import { databases, type Database } from './maintenance.ts'
import type { Psql } from '../../world/postgres/psql.ts'
import { ident, literal } from '../../world/postgres/quote.ts'

/** How a database that a restore makes is known as its own; `whole` is added when everything is in it and counted. */
const mark = (run: string, whole: boolean) => `knowngood ${run}${whole ? ', whole' : ''}`

/** Makes an empty database like another one: same encoding, locale, owner and tablespace; `like` null: as the server would. */
export async function makeDatabase(psql: Psql, name: string, like: Database | null, run: string): Promise<void> {
  const same = like === null ? [] : likeness(like)
  await psql.run(`CREATE DATABASE ${ident(name)} ${['TEMPLATE template0', ...same].join(' ')}`)
  await markDatabase(psql, name, run, false)
}

export async function markDatabase(psql: Psql, name: string, run: string, whole: boolean): Promise<void> {
  await psql.run(`COMMENT ON DATABASE ${ident(name)} IS ${literal(mark(run, whole))}`)
}

/** What stands under a name that a restore gives: nothing, its own (whole or not), or somebody else's. */
export async function standing(
  psql: Psql,
  name: string,
  run: string,
): Promise<'absent' | 'partial' | 'done' | 'foreign'> {
  const [found] = await databases(psql, name)
  if (found === undefined) return 'absent'
  return found.comment === mark(run, true) ? 'done' : found.comment === mark(run, false) ? 'partial' : 'foreign'
}

/** Removes what a restore made; throws a hold when it is not the run's own. Being gone already is fine. */
export async function dropDatabase(psql: Psql, name: string, run: string): Promise<void> {
  const found = await standing(psql, name, run)
  if (found === 'absent') return
  if (found === 'foreign')
    throw held(`The database ${name} is left as it is`, `it was not made by ${run}`, [`Look at it: psql -l`])
  await psql.run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${literal(name)}`)
  await psql.run(`DROP DATABASE ${ident(name)}`)
}

function likeness(like: Database): string[] {
  const icu = like.datlocale ?? like.daticulocale ?? null
  const provider: Record<string, string[]> = {
    i: ['LOCALE_PROVIDER icu', `ICU_LOCALE ${literal(icu ?? '')}`],
    b: ['LOCALE_PROVIDER builtin', `BUILTIN_LOCALE ${literal(icu ?? '')}`],
  }
  return [
    `ENCODING ${literal(like.encoding)}`,
    `LC_COLLATE ${literal(like.datcollate)}`,
    `LC_CTYPE ${literal(like.datctype)}`,
    ...(provider[like.datlocprovider ?? 'c'] ?? []),
    `OWNER ${ident(like.owner)}`,
    // The server's own default may be named by superusers only.
    ...(like.tablespace === 'pg_default' ? [] : [`TABLESPACE ${ident(like.tablespace)}`]),
  ]
}

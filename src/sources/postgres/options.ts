import { z } from 'zod'
import { ENGINES } from '../schema-revision.ts'

export const options = z.strictObject({
  url: z
    .string({ error: 'is the name of a variable, such as $DATABASE_URL; expected text' })
    .regex(/^\$[A-Za-z_][A-Za-z0-9_]*$/, {
      error: 'is the name of a variable, such as $DATABASE_URL; never the value',
    })
    .optional()
    .describe('The variable that holds the postgres:// URL. Default: PGHOST, PGDATABASE and their like.'),
  format: z
    .enum(['custom', 'plain'])
    .default('custom')
    .describe('custom: for pg_restore, <name>.dump; plain: SQL for psql, <name>.sql.gz.'),
  migrations: z
    .enum(['auto', ...ENGINES])
    .default('auto')
    .describe('Who migrates it; found out by its tables when left out.'),
  lockTimeout: z.int().positive().default(30).describe('Seconds to wait for a locked table.'),
  idleTimeout: z
    .int()
    .positive()
    .default(900)
    .describe(
      'Seconds without any progress until a dump is ended; a restore, which builds indexes, has four times as long.',
    ),
  jobs: z
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe('How many connections a restore uses. Default: one a core, at most 4.'),
  empty: z.boolean().default(false).describe('Whether a database without any table is right, and no mistake.'),
})

export type Options = z.infer<typeof options>

/** The options as calls take them: plain data, the variable by its bare name. */
export type Given = {
  url: string | null
  format: 'custom' | 'plain'
  migrations: Options['migrations']
  lockMs: number
  idleMs: number
  jobs: number | null
  empty: boolean
}

/** The options as calls are told them: the variable's name without its `$`, seconds as ms. */
export function given(o: Options): Given {
  const { url, format, migrations, lockTimeout, idleTimeout, jobs, empty } = o
  return {
    url: url?.slice(1) ?? null,
    format,
    migrations,
    lockMs: lockTimeout * 1000,
    idleMs: idleTimeout * 1000,
    jobs: jobs ?? null,
    empty,
  }
}

import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { messageOf } from '../core/failure.ts'
import { known, unknown } from '../core/known.ts'
import type { Known } from '../core/known.ts'
import type { Detected, Place, Source } from '../core/plug-in.ts'
import { shellWord } from '../core/shell.ts'
import { clean } from '../core/text.ts'
import { now } from '../world/clock.ts'
import { captureStep } from './captured.ts'
import { ENGINES, revisionIn } from './schema-revision.ts'
import { sqliteCalls } from './sqlite/calls.ts'
import { backStep, forgetStep, readableStep, restore, restoreSteps } from './sqlite/steps.ts'

const options = z.strictObject({
  path: z.string().min(1).describe('The database file, relative to the repository.'),
  migrations: z
    .enum(['auto', ...ENGINES])
    .default('auto')
    .describe('Who migrates it; found out by its tables when left out.'),
  wait: z
    .int()
    .positive()
    .optional()
    .describe('Seconds that a restore waits for somebody who keeps the database locked; 30 when left out.'),
})

type Options = z.infer<typeof options>

/** Backups of databases, and what only looks like one by its name. */
const NOT_LIVE = /^(?:backups|releases|immaculate)\/|(?:^|\/)Thumbs\.db$/i

/**
 * A SQLite database file. It is copied by the online backup API, out of the live file and into it: a plain copy would
 * miss what its log holds, and a renamed one would be read with the old log. What a swap took out is kept as
 * `.knowngood/undo/<run>/<name>.db`, or beside it as `<file>.before-<run>` where it could not be read.
 */
export const sqlite: Source<Options> = {
  use: 'sqlite',
  says: 'A SQLite database file, copied while it is in use; its schema revision is compared before code goes back.',
  holds: 'database',
  options,
  detect: async (repo) => {
    const found: Detected<Options>[] = []
    for (const extension of ['db', 'sqlite', 'sqlite3']) {
      for (const path of await repo.glob(`**/*.${extension}`)) {
        if (NOT_LIVE.test(path)) continue
        found.push({
          options: { path, migrations: 'auto' },
          where: path,
          unsure: ['whether production uses this file'],
        })
      }
    }
    return found
  },
  doctor: async (o, place) => {
    const id = `sqlite.${o.path}`
    const { backup } = await import('node:sqlite')
    if (backup === undefined) {
      const says = `Node ${process.versions.node} cannot copy a database that is in use`
      return [{ id, ok: false, says, fix: 'Install Node 22.16 or newer.' }]
    }
    const schema = await readRevision(o, place)
    if (!schema.ok) return [{ id, ok: false, says: schema.because, fix: schema.fix }]
    const says =
      schema.value === null ? `${o.path} opens, without a table of migrations` : `${o.path} is at ${schema.value}`
    return [{ id, ok: true, says, fix: '' }]
  },
  observe: async (o, place) => {
    const file = await stat(resolve(place.root, o.path)).catch(() => null)
    return { schema: await readRevision(o, place), detail: { path: o.path, bytes: file?.size ?? null } }
  },
  calls: sqliteCalls,
  capture: (o, context) => {
    const path = `database/${context.name}.db`
    const to = join(context.stage, path)
    return captureStep('sqlite', context, {
      title: `Copy ${context.name}`,
      detail: o.path,
      paths: [path],
      input: { path: o.path, migrations: o.migrations },
      says: `copy ${o.path} by the online backup API, check it and count its rows`,
      byHand: [
        ['sqlite3', '-readonly', o.path, `.backup ${JSON.stringify(to)}`],
        ['sqlite3', to, 'PRAGMA journal_mode = DELETE; PRAGMA integrity_check'],
      ],
    })
  },
  readable: readableStep,
  restore: restoreSteps,
  back: backStep,
  forget: forgetStep,
  manual: (o, part) => [
    `sqlite3 -readonly ${shellWord(part.path)} 'PRAGMA integrity_check'`,
    `sqlite3 "\${SQLITE_FILE:-restored.db}" ${shellWord(restore(part.path))} # into ${clean(o.path)}, while others have it open`,
  ],
}

async function readRevision(o: Options, place: Place): Promise<Known<string | null>> {
  const at = now().toISOString()
  const path = resolve(place.root, o.path)
  const file = await stat(path).catch(() => null)
  // Looked at first: opening a mistyped path would make a new, empty database there.
  if (file === null) return unknown(`there is no file ${o.path}`, 'Correct the path in knowngood.yaml', at)
  if (!file.isFile()) return unknown(`${o.path} is not a file`, 'Correct the path in knowngood.yaml', at)
  try {
    const { DatabaseSync } = await import('node:sqlite')
    const database = new DatabaseSync(path, { readOnly: true, timeout: 2000 })
    try {
      return known(
        revisionIn((sql) => database.prepare(sql).all(), o.migrations),
        at,
      )
    } finally {
      database.close()
    }
  } catch (error) {
    return unknown(
      `${o.path} could not be read: ${messageOf(error)}`,
      `Look at it: sqlite3 -readonly ${o.path} .tables`,
      at,
    )
  }
}

import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { StepFailed } from '../../core/failure.ts'
import type { Io } from '../../core/plan.ts'
import { converse, execute } from '../../world/exec.ts'
import type { DumpSays } from './dump-scan.ts'
import type { Given } from './options.ts'
import { type DumpForm, formOf, streamSql } from './read-dump.ts'
import { saying } from './said.ts'
import type { Server } from '../../world/postgres/server.ts'
import { canRestrict } from './tools.ts'

/** `owners`: everything belongs to whom it belonged to. `whole`: in one transaction, which leaves nothing when it fails. */
type Fill = {
  server: Server
  database: string
  file: string
  says: DumpSays
  given: Given
  owners: boolean
  whole: boolean
}

/** Puts a dump into an empty database, and stops at the first error. The database's name is never a word of a command. */
export async function fill(what: Fill, io: Io): Promise<void> {
  try {
    const form = await formOf(what.file)
    if (form === 'archive' || form === 'tar') await fillFromArchive(what, form, io)
    else await fillFromSql(what, form, io)
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error
    const said = error.output.find((line) => /error: |ERROR: /.test(line)) ?? error.output.at(-1)
    const why = said?.replace(/^pg_restore: (?:error: )?/, '') ?? error.message
    const newer = /unrecognized configuration parameter/.test(why)
      ? '; a pg_dump that is newer than this server has made it: restore it into a newer one'
      : ''
    throw new StepFailed('postgres', `${error.step} stopped: ${why}${newer}`, error.output)
  }
}

async function fillFromArchive(what: Fill, form: DumpForm, io: Io): Promise<void> {
  const { file, given, owners, whole } = what
  const alone = whole ? ['--single-transaction'] : form === 'tar' ? [] : [`--jobs=${given.jobs ?? ownJobs()}`]
  await execute({
    argv: [
      'pg_restore',
      '-w',
      '--verbose',
      '--exit-on-error',
      ...alone,
      ...(owners ? [] : ['--no-owner', '--no-privileges']),
      // A blank name leaves it to PGDATABASE; one in argv that looks like `host=…` would be followed.
      '--dbname=',
      file,
    ],
    ...connected(what, io),
  })
}

async function fillFromSql(what: Fill, form: DumpForm, io: Io): Promise<void> {
  const { file, says, whole } = what
  const child = await converse({
    argv: ['psql', '-w', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', ...(whole ? ['-1', '-f', '-'] : [])],
    ...connected(what, io),
  })
  if (child.stdin === null) throw new Error('psql has no stdin')
  // A dump from elsewhere must not reach for the shell, or for another database.
  if (!says.restricted && (await canRestrict(io.signal)))
    child.stdin.write(`\\restrict ${randomBytes(16).toString('hex')}\n`)
  const fed = streamSql(file, form, { signal: io.signal, onBytes: (done) => io.bytes(done, null) }, child.stdin)
  const [ended, read] = await Promise.allSettled([child.ended, fed])
  if (ended.status === 'rejected') throw ended.reason
  if (read.status === 'rejected') throw read.reason
}

/** How both programs are run: an index may be silent for long, and how long the whole takes nobody knows. */
function connected({ server, database, given }: Fill, io: Io) {
  return {
    env: server.env(database),
    idleMs: 4 * given.idleMs,
    timeoutMs: 0,
    signal: io.signal,
    onLine: saying(io),
    onChild: io.child,
  }
}

function ownJobs(): number {
  return Math.min(4, availableParallelism())
}

import { userInfo } from 'node:os'
import { held, UserError } from '../../core/failure.ts'
import { withPassfile } from './passfile.ts'
import { parseUrl } from './url.ts'

/** A server and the database meant on it. `env` is what libpq is told; `at` names the place for people, without secrets. */
export type Server = { database: string; at: string; env(database?: string): Record<string, string> }

/**
 * Does the work with the server that the variable (or PG* itself, when null) names. A password in the URL lies in a private
 * file meanwhile, and is never in argv. Throws a UserError that names the variable when it is not set or no URL.
 */
export async function withServer<T>(
  variable: string | null,
  secret: (name: string) => string,
  work: (server: Server) => Promise<T>,
): Promise<T> {
  // A service file's database would win over the one we name, and work meant for a scratch database would go to the live one.
  if ((process.env['PGSERVICE'] ?? '') !== '')
    throw held(
      'The database cannot be reached safely',
      'PGSERVICE is set, and wins over the database that is asked for',
      ['Unset PGSERVICE, and name the server by a URL or by PGHOST, PGPORT and PGUSER.'],
    )
  const parsed = variable === null ? { env: {}, password: null } : parseUrl(secret(variable))
  if (parsed === null)
    throw new UserError(
      `${variable} does not hold a URL of PostgreSQL`,
      'it is read as postgres://user:password@host/name',
      [`Set ${variable} to such a URL; special characters in the password are percent-encoded.`],
    )
  // Of an environment for another server nothing may be mixed in: these two win over what the URL says.
  const alone = variable === null ? {} : { PGHOSTADDR: '', ...(parsed.password === null ? {} : { PGPASSWORD: '' }) }
  const common: Record<string, string> = {
    // What its programs say is read: in English, and without colours.
    LC_ALL: 'C',
    LANGUAGE: '',
    PG_COLOR: 'never',
    PGAPPNAME: 'knowngood',
    PGCONNECT_TIMEOUT: process.env['PGCONNECT_TIMEOUT'] ?? '10',
    ...alone,
    ...parsed.env,
  }
  const own = (name: string) => [parsed.env[name], process.env[name]].find((value) => (value ?? '') !== '')
  const database = own('PGDATABASE') ?? own('PGUSER') ?? userInfo().username
  const at = `${own('PGHOST') ?? 'this machine'}${own('PGPORT') === undefined ? '' : `:${own('PGPORT')}`}`
  return await withPassfile(parsed.password, async (passfile) =>
    work({ database, at, env: (name = database) => ({ ...common, ...passfile, PGDATABASE: name }) }),
  )
}

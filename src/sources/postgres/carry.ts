import type { Psql } from '../../world/postgres/psql.ts'
import { ident, literal } from '../../world/postgres/quote.ts'

/** Settings that are lists of quoted names: given as one text they would become one strange name. */
export const LISTS = ['search_path', 'temp_tablespaces', 'local_preload_libraries', 'session_preload_libraries']

type Grant = { role: string | null; privilege: string; grantable: boolean }
type Setting = { role: string | null; line: string }

/**
 * The statements that give `to` what belongs to the database `from` and no dump holds: grants on the database itself, and what
 * `ALTER DATABASE … SET` and `ALTER ROLE … IN DATABASE … SET` said.
 */
export async function carriedOver(psql: Psql, from: string, to: string): Promise<string[]> {
  const [owned] = await psql.rows<{ own: boolean }>(
    `SELECT datacl IS NOT NULL AS own FROM pg_database WHERE datname = ${literal(from)}`,
  )
  const grants =
    await psql.rows<Grant>(`SELECT CASE WHEN a.grantee = 0 THEN NULL ELSE pg_get_userbyid(a.grantee) END AS role,
      a.privilege_type AS privilege, a.is_grantable AS grantable
    FROM pg_database d, aclexplode(d.datacl) a WHERE d.datname = ${literal(from)}`)
  const settings = await psql.rows<Setting>(`SELECT r.rolname AS role, unnest(s.setconfig) AS line
    FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_roles r ON r.oid = s.setrole
    WHERE d.datname = ${literal(from)}`)
  return [
    ...(owned?.own === true ? [`REVOKE ALL ON DATABASE ${ident(to)} FROM PUBLIC`] : []),
    ...grants.map(
      ({ role, privilege, grantable }) =>
        `GRANT ${privilege} ON DATABASE ${ident(to)} TO ${role === null ? 'PUBLIC' : ident(role)}${grantable ? ' WITH GRANT OPTION' : ''}`,
    ),
    ...settings.flatMap((setting) => setAgain(setting, to)),
  ]
}

function setAgain({ role, line }: Setting, to: string): string[] {
  const at = line.indexOf('=')
  const [name, value] = [line.slice(0, at), line.slice(at + 1)]
  const whose = role === null ? `ALTER DATABASE ${ident(to)}` : `ALTER ROLE ${ident(role)} IN DATABASE ${ident(to)}`
  const setting = name.split('.').map(ident).join('.')
  // Taken over from the session, the server writes the list as it had read it.
  if (LISTS.includes(name))
    return [
      `SELECT set_config(${literal(name)}, ${literal(value)}, false)`,
      `${whose} SET ${setting} FROM CURRENT`,
      `RESET ${setting}`,
    ]
  return [`${whose} SET ${setting} TO ${literal(value)}`]
}

import type { Arg } from '../../core/plan.ts'
import { LISTS } from './carry.ts'
import { beforeEnd, LONGEST } from './names.ts'
import type { Options } from './options.ts'

/** Where the server is, as words of a command typed by hand; without a URL, PG* says it all. */
const at = (o: Options, flag: string): Arg[] => (o.url === undefined ? [] : [flag, { secret: o.url.slice(1) }])

/** `psql`, connected as the application is. */
const psql = (o: Options): Arg[] => ['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', ...at(o, '-d')]

/** The database that is filled beside the live one by hand, in letters that need no quotes. */
export const restoredName = (name: string): string => `restored_${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')}`

export const isSql = (file: string): boolean => /\.sql(?:\.gz)?$/.test(file)

export function readByHand(file: string): Arg[] {
  if (!isSql(file)) return ['pg_restore', '--file=/dev/null', file]
  return file.endsWith('.gz') ? ['gzip', '--test', file] : ['tail', file]
}

/**
 * A dump, made a script of SQL beside it where it is none: only psql reaches another database of a server that a URL names.
 */
export function besideByHand(o: Options, name: string, file: string): Arg[][] {
  const restored = restoredName(name)
  const sql = `.knowngood/${restored}.sql`
  const script: Arg[][] = isSql(file)
    ? [
        ['cp', file, file.endsWith('.gz') ? `${sql}.gz` : sql],
        ...(file.endsWith('.gz') ? [['gunzip', `${sql}.gz`]] : []),
      ]
    : [['pg_restore', '--exit-on-error', `--file=${sql}`, file]]
  return [
    ['mkdir', '-p', '.knowngood'],
    [...psql(o), '-A', '-t', '-o', sql, '-c', likeLive(restored)],
    [...psql(o), '-f', sql],
    ['rm', sql],
    ...script,
    [...psql(o), '-o', '/dev/null', '-c', String.raw`\connect ${restored}`, '-f', sql],
    ['rm', sql],
  ]
}

/** Asks the live database for the statement that makes an empty one like it, whatever the server's version calls its locale. */
function likeLive(restored: string): string {
  const icu = 'coalesce(made->>$q$datlocale$q$, made->>$q$daticulocale$q$)'
  return [
    `SELECT format($q$CREATE DATABASE ${restored} TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L$q$,`,
    'pg_encoding_to_char(encoding), datcollate, datctype)',
    '|| CASE made->>$q$datlocprovider$q$',
    `WHEN $q$i$q$ THEN format($q$ LOCALE_PROVIDER icu ICU_LOCALE %L$q$, ${icu})`,
    `WHEN $q$b$q$ THEN format($q$ LOCALE_PROVIDER builtin BUILTIN_LOCALE %L$q$, ${icu}) ELSE $q$$q$ END`,
    '|| CASE spcname WHEN $q$pg_default$q$ THEN $q$$q$ ELSE format($q$ TABLESPACE %I$q$, spcname) END',
    'FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace, to_jsonb(d) made',
    'WHERE datname = current_database()',
  ].join(' ')
}

export function dropByHand(o: Options, database: string): Arg[][] {
  return [['dropdb', '--if-exists', ...at(o, '--maintenance-db'), database]]
}

export const listByHand = (o: Options): Arg[][] => [['psql', '-l', ...at(o, '-d')]]

/** A database is known by its name, or by how its name ends: what the live one is called only the server knows. */
type Named = { name: string } | { end: string }

/** Makes what a restore by hand has filled live; what was live is kept under the name that the run's swap would give it. */
export function swapByHand(o: Options, name: string, run: string): Arg[][] {
  return exchanged(o, { name: restoredName(name) }, { end: beforeEnd(run) }, CARRIED)
}

/** The other way round. */
export function swapBackByHand(o: Options, name: string, run: string): Arg[][] {
  return exchanged(o, { end: beforeEnd(run) }, { name: restoredName(name) }, [])
}

/** Makes a database live that was kept under that name. */
export function keptByHand(o: Options, before: string, run: string): Arg[][] {
  return exchanged(o, { name: before }, { end: beforeEnd(run) }, [])
}

/** The other way round. */
export function keptBackByHand(o: Options, before: string, run: string): Arg[][] {
  return exchanged(o, { end: beforeEnd(run) }, { name: before }, [])
}

/** Statements of a block which give `new` what belongs to the database `live` and no dump holds, as `carriedOver` does. */
const CARRIED = [
  said('ALTER DATABASE %I OWNER TO %I', 'new, was.own'),
  `IF was.acl THEN ${said('REVOKE ALL ON DATABASE %I FROM PUBLIC', 'new')} END IF;`,
  'FOR r IN SELECT a.privilege_type AS what, CASE a.grantee WHEN 0 THEN $q$PUBLIC$q$ ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS whom, CASE WHEN a.is_grantable THEN $q$ WITH GRANT OPTION$q$ END AS more FROM pg_database d, aclexplode(d.datacl) a WHERE d.datname = live',
  `LOOP ${said('GRANT %s ON DATABASE %I TO %s%s', 'r.what, new, r.whom, r.more')} END LOOP;`,
  'FOR r IN SELECT CASE s.setrole WHEN 0 THEN format($q$ALTER DATABASE %I$q$, new) ELSE format($q$ALTER ROLE %I IN DATABASE %I$q$, pg_get_userbyid(s.setrole), new) END AS whose, split_part(line, $q$=$q$, 1) AS name, substr(line, strpos(line, $q$=$q$) + 1) AS value FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) line WHERE d.datname = live',
  // A list of names given as one text would become one strange name.
  `LOOP IF r.name IN (${LISTS.map((name) => `$q$${name}$q$`).join(', ')}) THEN PERFORM set_config(r.name, r.value, true);`,
  `${said('%s SET %I FROM CURRENT', 'r.whose, r.name')} ELSE`,
  `${said('%s SET %s TO %L', 'r.whose, (SELECT string_agg(quote_ident(word), $q$.$q$) FROM unnest(string_to_array(r.name, $q$.$q$)) word), r.value')} END IF; END LOOP;`,
  `IF was.most >= 0 THEN ${said('ALTER DATABASE %I CONNECTION LIMIT %s', 'new, was.most')} END IF;`,
]

/**
 * Both renames in one transaction, from outside of both, so that the live name is never without a database. The name to be is
 * carried from one database to the other as a comment; what was said of the live one is said of it again. Clients that come
 * back the moment they were sent away may take several turns.
 */
function exchanged(o: Options, incoming: Named, outgoing: Named, carried: readonly string[]): Arg[][] {
  const named = block(
    'new text',
    `new := ${called(incoming, 'current_database()')}; EXECUTE format($q$COMMENT ON DATABASE %I IS %L$q$, new, current_database());`,
  )
  const found =
    'name' in incoming
      ? `datname = $q$${incoming.name}$q$`
      : `right(datname, ${incoming.end.length}) = $q$${incoming.end}$q$ AND shobj_description(oid, $q$pg_database$q$) IS NOT NULL`
  const renamed = block(
    'new text; live text; old text; was record; r record',
    [
      `SELECT datname, shobj_description(oid, $q$pg_database$q$) INTO STRICT new, live FROM pg_database WHERE ${found};`,
      'SELECT pg_get_userbyid(datdba) AS own, datacl IS NOT NULL AS acl, datconnlimit AS most, shobj_description(oid, $q$pg_database$q$) AS said INTO STRICT was FROM pg_database WHERE datname = live;',
      `old := ${called(outgoing, 'live')};`,
      ...carried,
      'FOR turn IN 1..10 LOOP PERFORM pg_stat_clear_snapshot();',
      'PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN (live, new);',
      `BEGIN ${said('ALTER DATABASE %I RENAME TO %I', 'live, old')} ${said('ALTER DATABASE %I RENAME TO %I', 'new, live')} EXIT;`,
      'EXCEPTION WHEN object_in_use THEN IF turn = 10 THEN RAISE; END IF; END; END LOOP;',
      said('COMMENT ON DATABASE %I IS %L', 'live, was.said'),
    ].join(' '),
  )
  return [[...psql(o), '-c', named, '-c', String.raw`\connect postgres`, '-c', renamed]]
}

/** A statement of a block, its names and values put in by the server. */
function said(statement: string, values: string): string {
  return `EXECUTE format($q$${statement}$q$, ${values});`
}

function block(variables: string, body: string): string {
  return `DO $$DECLARE ${variables}; BEGIN ${body} END$$`
}

function called(named: Named, live: string): string {
  if ('name' in named) return `$q$${named.name}$q$`
  return `left(${live}, ${LONGEST - named.end.length}) || $q$${named.end}$q$`
}

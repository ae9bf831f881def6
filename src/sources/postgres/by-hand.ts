import type { Arg } from '../../core/plan.ts'
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
    ['createdb', '--template=template0', ...at(o, '--maintenance-db'), restored],
    ...script,
    [...psql(o), '-o', '/dev/null', '-c', String.raw`\connect ${restored}`, '-f', sql],
    ['rm', sql],
  ]
}

export function dropByHand(o: Options, database: string): Arg[][] {
  return [['dropdb', '--if-exists', ...at(o, '--maintenance-db'), database]]
}

export const listByHand = (o: Options): Arg[][] => [['psql', '-l', ...at(o, '-d')]]

/** A database is known by its name, or by how its name ends: what the live one is called only the server knows. */
type Named = { name: string } | { end: string }

/** Makes what a restore by hand has filled live; what was live is kept under the name that the run's swap would give it. */
export function swapByHand(o: Options, name: string, run: string): Arg[][] {
  return exchanged(o, { name: restoredName(name) }, { end: beforeEnd(run) })
}

/** The other way round. */
export function swapBackByHand(o: Options, name: string, run: string): Arg[][] {
  return exchanged(o, { end: beforeEnd(run) }, { name: restoredName(name) })
}

/** Makes a database live that was kept under that name. */
export function keptByHand(o: Options, before: string, run: string): Arg[][] {
  return exchanged(o, { name: before }, { end: beforeEnd(run) })
}

/** The other way round. */
export function keptBackByHand(o: Options, before: string, run: string): Arg[][] {
  return exchanged(o, { end: beforeEnd(run) }, { name: before })
}

/**
 * Both renames in one transaction, from outside of both, so that the live name is never without a database. The name to be is
 * carried from one database to the other as a comment; the owner is kept.
 */
function exchanged(o: Options, incoming: Named, outgoing: Named): Arg[][] {
  const named = block(
    'new text',
    `new := ${called(incoming, 'current_database()')}; EXECUTE format($q$COMMENT ON DATABASE %I IS %L$q$, new, current_database());`,
  )
  const found =
    'name' in incoming
      ? `datname = $q$${incoming.name}$q$`
      : `right(datname, ${incoming.end.length}) = $q$${incoming.end}$q$ AND shobj_description(oid, $q$pg_database$q$) IS NOT NULL`
  const renamed = block(
    'new text; live text; own text; old text',
    [
      `SELECT datname, shobj_description(oid, $q$pg_database$q$) INTO STRICT new, live FROM pg_database WHERE ${found};`,
      'SELECT pg_get_userbyid(datdba) INTO STRICT own FROM pg_database WHERE datname = live;',
      `old := ${called(outgoing, 'live')};`,
      'PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN (live, new);',
      'EXECUTE format($q$ALTER DATABASE %I RENAME TO %I$q$, live, old);',
      'EXECUTE format($q$ALTER DATABASE %I RENAME TO %I$q$, new, live);',
      'EXECUTE format($q$ALTER DATABASE %I OWNER TO %I$q$, live, own);',
      'EXECUTE format($q$COMMENT ON DATABASE %I IS NULL$q$, live);',
    ].join(' '),
  )
  return [[...psql(o), '-c', named, '-c', String.raw`\connect postgres`, '-c', renamed]]
}

function block(variables: string, body: string): string {
  return `DO $$DECLARE ${variables}; BEGIN ${body} END$$`
}

function called(named: Named, live: string): string {
  if ('name' in named) return `$q$${named.name}$q$`
  return `left(${live}, ${LONGEST - named.end.length}) || $q$${named.end}$q$`
}

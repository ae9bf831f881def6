import { LARGE_OBJECTS, tableKey } from '../../world/postgres/quote.ts'

/** What a dump says, read as SQL to its end. */
export type DumpSays = {
  /** Rows of each table that has data in it; empty for one that is written as INSERTs. */
  counts: Record<string, number>
  /** Roles that must be there before it can be restored. */
  roles: string[]
  /** It ends as a whole dump does. */
  complete: boolean
  /** It is written so that psql takes no commands from it. */
  restricted: boolean
  /**
   * A line that psql may take for a command of its own, which would act outside of the database it is restored into, such as
   * `\connect`; else null. Where psql takes none, such a line is part of a text.
   */
  command: string | null
}

const NEWLINE = 10
/** Of a line of SQL no more is looked at. */
const HEAD = 65_536
const NAME = String.raw`("(?:[^"]|"")+"|[^\s".(;]+)`
/** A table whose columns are all generated, or that has none, has a gap where its columns would be. */
const COPY = new RegExp(String.raw`^COPY ${NAME}(?:\.${NAME})? (?:\(.*\))? ?FROM stdin;$`, 's')
const ROLE = new RegExp(
  String.raw`^(?:ALTER .* OWNER TO|(?:ALTER DEFAULT PRIVILEGES .* )?(?:GRANT|REVOKE) .* (?:TO|FROM)) ${NAME}(?: WITH GRANT OPTION)?;$`,
  's',
)
const DATA_SCHEMA = /^-- Data for Name: .*; Type: TABLE DATA; Schema: (.*); Owner: /

/** Reads a dump's SQL as it streams by, in memory that does not grow with it. */
export function scanDump(): { push(chunk: Buffer): void; end(): DumpSays } {
  const counts: Record<string, number> = {}
  const roles = new Set<string>()
  let complete = false
  let command: string | null = null
  let restricted = false
  let guarded = false
  let begun = false
  let open = ''
  let schema = 'public'
  let table: string | null = null
  let rest: Buffer = Buffer.alloc(0)
  let decode = decoderOf('UTF8')

  const sql = (next: string) => {
    const line = open + next
    // A name may hold a line break: the statement ends where its quotes do.
    open = line.startsWith('COPY ') && line.length < HEAD && line.split('"').length % 2 === 0 ? `${line}\n` : ''
    if (open !== '') return
    begun ||= /^(?!--|\\restrict )\s*\S/.test(line)
    if (line.startsWith('--')) {
      if (line.startsWith('-- PostgreSQL database dump complete')) complete = true
      else if (line.startsWith('-- PostgreSQL database cluster dump')) command ??= 'pg_dumpall'
      else schema = DATA_SCHEMA.exec(line)?.[1] ?? schema
    } else if (line.startsWith('COPY ')) {
      const [whole, first = '', second] = COPY.exec(line) ?? []
      if (whole === undefined) return
      table = second === undefined ? tableKey(schema, bare(first)) : tableKey(bare(first), bare(second))
      counts[table] ??= 0
    } else if (line.startsWith('\\')) {
      backslash(line)
    } else if (line.startsWith('SELECT pg_catalog.lo_create(')) {
      counts[LARGE_OBJECTS] = (counts[LARGE_OBJECTS] ?? 0) + 1
    } else if (line.startsWith('SET client_encoding = ')) {
      decode = decoderOf(line.split("'")[1] ?? '')
    } else if (/^(?:ALTER|GRANT|REVOKE) /.test(line)) {
      const role = ROLE.exec(line)?.[1]
      if (role !== undefined && role !== 'PUBLIC') roles.add(bare(role))
    }
  }

  const backslash = (line: string) => {
    // Behind a statement it might stand in a text, and forbid nothing.
    if (line.startsWith('\\restrict ') && !begun) restricted = guarded = true
    else if (line.startsWith('\\unrestrict ')) guarded = false
    else if (line !== '\\.' && !guarded) command ??= line.slice(0, 80)
  }

  /** Rows up to the end of the data or of the chunk; gives where it stopped. */
  const data = (chunk: Buffer, from: number): number => {
    let at = from
    for (;;) {
      const end = chunk.indexOf(NEWLINE, at)
      if (end === -1) return at
      const last = end - at === 2 && chunk[at] === 92 && chunk[at + 1] === 46
      at = end + 1
      if (last || table === null) {
        table = null
        return at
      }
      counts[table] = (counts[table] ?? 0) + 1
    }
  }

  return {
    push: (chunk) => {
      const all = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      let at = 0
      while (at < all.length) {
        if (table !== null) {
          at = data(all, at)
          if (table !== null) break
          continue
        }
        const end = all.indexOf(NEWLINE, at)
        if (end === -1) break
        sql(decode(all.subarray(at, Math.min(end, at + HEAD))).replace(/\r$/, ''))
        at = end + 1
      }
      // Of a line that is still going on its beginning says enough, however long it is.
      rest = all.subarray(at, at + HEAD)
    },
    end: () => ({ counts, roles: [...roles], restricted, complete: complete && table === null, command }),
  }
}

function bare(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
}

/** Text in an encoding by PostgreSQL's name of it; what JavaScript does not know is read as UTF-8, as psql's output is. */
function decoderOf(encoding: string): (bytes: Buffer) => string {
  if (encoding === 'LATIN1') return (bytes) => bytes.toString('latin1')
  const label = encoding
    .replace(/^WIN(?=\d)/, 'windows-')
    .replace(/^LATIN9$/, 'iso-8859-15')
    .replace(/^LATIN(?=\d)/, 'iso-8859-')
    .replace(/^KOI8(?=[RU])/, 'koi8-')
    .replaceAll('_', '-')
  try {
    const decoder = new TextDecoder(label)
    return (bytes) => decoder.decode(bytes)
  } catch {
    return (bytes) => bytes.toString('utf8')
  }
}

import type { Detected, RepoView } from '../../core/plug-in.ts'
import type { Options } from './options.ts'
import { options } from './options.ts'

type Clue = { pattern: string; says: RegExp; migrations?: Options['migrations'] }

/** Files that tell that a project lives on PostgreSQL, the more telling first. */
const CLUES: readonly Clue[] = [
  { pattern: '**/schema.prisma', says: /provider\s*=\s*"postgres(?:ql)?"/, migrations: 'prisma' },
  { pattern: '**/drizzle.config.*', says: /dialect:\s*['"`]postgresql|driver:\s*['"`]pg\b/, migrations: 'drizzle' },
  { pattern: '**/knexfile.*', says: /client:\s*['"`](?:pg|postgres(?:ql)?)\b/, migrations: 'knex' },
  { pattern: '**/alembic.ini', says: /sqlalchemy\.url\s*=\s*postgres/, migrations: 'alembic' },
  { pattern: '**/flyway.{conf,toml}', says: /jdbc:postgresql:/, migrations: 'flyway' },
  { pattern: '**/config/database.yml', says: /adapter:\s*postgresql|postgres(?:ql)?:\/\//, migrations: 'rails' },
  {
    pattern: '**/settings{,/*}.py',
    says: /django\.db\.backends\.postgresql|postgres(?:ql)?:\/\//,
    migrations: 'django',
  },
]
/** Written for any database: it says who migrates, once something else says that it is PostgreSQL. */
const ALEMBIC: Clue = { pattern: '**/alembic.ini', says: /script_location/, migrations: 'alembic' }
const COMPOSE = '**/{docker-,}compose{,.*}.{yml,yaml}'
const IMAGE = /image:\s*['"]?(?:[\w.-]+\/)*(?:postgres|postgis|pgvector|timescaledb)\b/
const ENVIRONMENT = '**/.env{,.*}'
/** A line of an environment file whose value is a URL of PostgreSQL. The value goes no further than this. */
const URL_LINE = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*['"]?postgres(?:ql)?(?:\+\w+)?:\/\//gm
/** How code and configuration name a variable. */
const NAMED =
  /(?:env\(\s*["']|process\.env\.|process\.env\[['"]|os\.environ(?:\.get\(|\[)\s*['"]|ENV(?:\.fetch\(|\[)\s*['"])((?!\d)[A-Z0-9_]*(?:DATABASE|DB|POSTGRES|PG)[A-Z0-9_]*)/
/** The more likely is production's: the plain names, and the one that goes round a pooler, where a dump needs it. */
const LIKELY = ['DIRECT_URL', 'DIRECT_DATABASE_URL', 'DATABASE_URL', 'POSTGRES_URL']

/** What `init` finds. Values are looked at to tell what they are, and never kept. */
export async function detectPostgres(repo: RepoView): Promise<Detected<Options>[]> {
  const variables = await variablesIn(repo)
  const composed = await composedIn(repo)
  const sure = variables.length > 0 || composed !== null
  const clues = await first(repo, sure ? [...CLUES, ALEMBIC] : CLUES)
  const where = clues?.path ?? variables[0]?.path ?? composed
  if (where === null || where === undefined) return []
  const names = [...variables.map(({ name }) => name), ...(clues?.variable == null ? [] : [clues.variable])]
  const name = LIKELY.find((one) => names.includes(one)) ?? names[0]
  const migrations = clues?.migrations ?? 'auto'
  const found = options.parse({ ...(name === undefined ? {} : { url: `$${name}` }), migrations })
  const asked =
    name === undefined
      ? 'which variable holds its URL; PGHOST, PGDATABASE and their like are used until then'
      : `whether $${name} is production's`
  return [{ options: plain(found), where, unsure: [asked] }]
}

/** Only what differs from the defaults is worth a line in a new file. */
function plain(found: Options): Options {
  const { url, migrations } = found
  return { ...(url === undefined ? {} : { url }), ...(migrations === 'auto' ? {} : { migrations }) } as Options
}

async function first(repo: RepoView, clues: readonly Clue[]) {
  for (const { pattern, says, migrations } of clues) {
    for (const path of await repo.glob(pattern)) {
      const text = (await repo.read(path)) ?? ''
      if (says.test(text)) return { path, migrations: migrations ?? 'auto', variable: NAMED.exec(text)?.[1] ?? null }
    }
  }
  return null
}

async function variablesIn(repo: RepoView): Promise<{ name: string; path: string }[]> {
  const found: { name: string; path: string }[] = []
  const files = await repo.glob(ENVIRONMENT)
  // A template is meant to be read; the other files are looked at for their names only.
  for (const path of files.toSorted((a, b) => Number(isTemplate(b)) - Number(isTemplate(a)))) {
    const text = (await repo.read(path)) ?? ''
    for (const [, name = ''] of text.matchAll(URL_LINE)) found.push({ name, path })
  }
  return found
}

function isTemplate(path: string): boolean {
  return /\.(?:example|sample|template|dist)$/.test(path)
}

async function composedIn(repo: RepoView): Promise<string | null> {
  for (const path of await repo.glob(COMPOSE)) if (IMAGE.test((await repo.read(path)) ?? '')) return path
  return null
}

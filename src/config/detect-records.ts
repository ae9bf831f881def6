import type { Draft, Finding } from './draft.ts'
import type { Look } from './repo-view.ts'

/** A team's own table of releases: in a schema of Prisma, or in a migration written as SQL. */
const SCHEMA = /^\s*model\s+ReleaseRecord\s*\{/m
const TABLE = /create\s+table\s+(?:if\s+not\s+exists\s+)?(?:"public"\.)?"ReleaseRecord"/i
const MOST = 200

/** Where release records go: the team's own table, in the PostgreSQL that was found. Its URL is a variable's. */
export async function detectRecords(look: Look, found: readonly Finding[]): Promise<Draft> {
  const paths = look.files.filter((path) => /(?:^|\/)(?:[^/]+\.prisma|[^/]*\.sql)$/.test(path)).slice(0, MOST)
  let where: string | null = null
  for (const path of paths) {
    const text = (await look.read(path)) ?? ''
    if ((path.endsWith('.prisma') ? SCHEMA : TABLE).test(text)) where ??= path
  }
  if (where === null) return { found: [], unsure: [] }
  const what = 'the table "ReleaseRecord"'
  const urls = found.flatMap(({ value, suggestion }) => (suggestion === true ? [] : [urlOf(value)]))
  const url = urls.find((one) => one !== null) ?? null
  if (url !== null)
    return {
      found: [{ key: ['records', 'url'], value: url, what: 'release records in "ReleaseRecord"', where }],
      unsure: [],
    }
  const says = `${where} has ${what}: records.url takes the variable with its postgres:// URL; until then records are kept in a file here.`
  return { found: [], unsure: [says] }
}

/** The variable of a PostgreSQL source. */
function urlOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('use' in value) || value.use !== 'postgres') return null
  return 'url' in value && typeof value.url === 'string' ? value.url : null
}

import type { Draft, Finding } from './draft.ts'
import { plainPath, type Look } from './repo-view.ts'

type Tool = { name: string; file: RegExp; run(path: string): string[] }

const TOOLS: readonly Tool[] = [
  {
    name: 'Prisma',
    file: /(?:^|\/)schema\.prisma$/,
    run: (path) => ['npx', 'prisma', 'migrate', 'deploy', '--schema', path],
  },
  {
    name: 'Drizzle',
    file: /(?:^|\/)drizzle\.config\.[cm]?[jt]s$/,
    run: (path) => ['npx', 'drizzle-kit', 'migrate', '--config', path],
  },
  { name: 'Alembic', file: /(?:^|\/)alembic\.ini$/, run: (path) => ['alembic', '-c', path, 'upgrade', 'head'] },
  {
    name: 'Knex',
    file: /(?:^|\/)knexfile\.[cm]?[jt]s$/,
    run: (path) => ['npx', 'knex', 'migrate:latest', '--knexfile', path],
  },
  { name: 'Django', file: /(?:^|\/)manage\.py$/, run: (path) => ['python3', path, 'migrate', '--noinput'] },
  { name: 'Rails', file: /^bin\/rails$/, run: () => ['bin/rails', 'db:migrate'] },
]

/** Who migrates the database. Whether a deploy does it, or the host, only the team knows: a comment in `deploy.migrate`. */
export function detectMigrations(look: Look): Draft {
  const found = TOOLS.flatMap(({ name, file, run }): Finding[] => {
    const path = look.files.find((one) => file.test(one) && plainPath(one))
    if (path === undefined) return []
    const where = { where: path, suggestion: true as const }
    return [{ key: ['deploy', 'migrate'], value: [run(path)], what: `migrations by ${name}`, ...where }]
  })
  const unsure =
    found.length === 0
      ? []
      : ['Whether a deploy migrates the database or the host does: deploy.migrate proposes the command as a comment.']
  return { found, unsure }
}

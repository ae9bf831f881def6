import { matchesGlob } from 'node:path'
import { expect, test } from 'vitest'
import { postgres } from '../../../src/sources/postgres.ts'

const detect = async (files: Record<string, string>) =>
  postgres.detect({
    read: async (path) => files[path] ?? null,
    glob: async (pattern) => Object.keys(files).filter((path) => matchesGlob(path, pattern)),
  })

test.each<[string, Record<string, string>, Record<string, string>, string]>([
  [
    'Prisma’s schema',
    { 'prisma/schema.prisma': 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}' },
    { url: '$DATABASE_URL', migrations: 'prisma' },
    'prisma/schema.prisma',
  ],
  [
    'a template of the environment',
    { '.env.example': 'PORT=1\nSHOP_DB=postgres://user:pass@host/db\n' },
    { url: '$SHOP_DB' },
    '.env.example',
  ],
  [
    'the environment itself, and never its values',
    { '.env': 'export DIRECT_URL="postgresql://ana:canary@db/shop"\nDATABASE_URL=postgres://ana:canary@pooler/shop' },
    { url: '$DIRECT_URL' },
    '.env',
  ],
  [
    'Alembic',
    {
      'backend/alembic.ini': '[alembic]\nscript_location = alembic\n',
      '.env.example': 'DATABASE_URL=postgresql+asyncpg://u:p@h/d',
    },
    { url: '$DATABASE_URL', migrations: 'alembic' },
    'backend/alembic.ini',
  ],
  [
    'Knex',
    { 'knexfile.js': "module.exports = { client: 'pg', connection: process.env.PG_URL }" },
    { url: '$PG_URL', migrations: 'knex' },
    'knexfile.js',
  ],
  [
    'Drizzle',
    {
      'drizzle.config.ts':
        "export default { dialect: 'postgresql', dbCredentials: { url: process.env.DATABASE_URL! } }",
    },
    { url: '$DATABASE_URL', migrations: 'drizzle' },
    'drizzle.config.ts',
  ],
  [
    'a container',
    { 'docker-compose.yml': 'services:\n  db:\n    image: "postgres:15-alpine"\n' },
    {},
    'docker-compose.yml',
  ],
])('%s is found', async (_, files, options, where) => {
  const [found, ...more] = await detect(files)
  expect(more).toEqual([])
  expect(found).toMatchObject({ options, where })
  expect(Object.keys(found?.options ?? {})).toEqual(Object.keys(options))
  expect(found?.unsure).toHaveLength(1)
  expect(() => postgres.options.parse(found?.options)).not.toThrow()
  expect(JSON.stringify(found)).not.toContain('canary')
})

test('nothing is found in a project that has none', async () => {
  expect(
    await detect({
      'prisma/schema.prisma': 'provider = "sqlite"',
      'alembic.ini': '[alembic]\nscript_location = x\nsqlalchemy.url = sqlite:///app.db',
      '.env': 'DATABASE_URL=mysql://x',
      'compose.yaml': 'image: redis',
    }),
  ).toEqual([])
})

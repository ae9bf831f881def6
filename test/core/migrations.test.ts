import { expect, test } from 'vitest'
import { countMigrations } from '../../src/core/migrations.ts'

test.each([
  [[], 0],
  [['prisma/migrations/20251120_add/migration.sql', 'prisma/migrations/20251120_add/notes.sql'], 1],
  [['packages/db/prisma/migrations/1_a/migration.sql', 'packages/db/prisma/migrations/2_b/migration.sql'], 2],
  [['prisma/migrations/migration_lock.toml', 'shop/migrations/__init__.py', 'migrations/README.md'], 0],
  [['shop/migrations/0002_price.py', 'chat/migrations/0002_price.py'], 2],
  [['migrations/5_x.up.sql', 'migrations/5_x.down.sql'], 1],
  [['drizzle/0003_next.sql', 'drizzle/meta/0003_snapshot.json', 'drizzle/meta/_journal.json'], 1],
  [['alembic/versions/ae10_orders.py', 'db/migrate/20251120_orders.rb'], 2],
  [['src/migrations.ts', 'docs/migrations-guide.md'], 0],
])('%j are %i', (added, count) => {
  expect(countMigrations(added)).toBe(count)
})

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const DAY = 86_400_000

/**
 * Makes `data/mosaic.db`, the app's own database as production has it: every released migration ran (Knex's
 * tables), and people have talked. `migrations` are the released ones, oldest first.
 */
export async function makeDatabase(
  root: string,
  migrations: readonly { name: string; sql: string }[],
  now: Date,
): Promise<void> {
  await mkdir(join(root, 'data'))
  const database = new DatabaseSync(join(root, 'data', 'mosaic.db'))
  database.exec(`
    create table knex_migrations (id integer primary key autoincrement, name varchar(255), batch integer, migration_time datetime);
    create table knex_migrations_lock ("index" integer primary key autoincrement, is_locked integer);
    insert into knex_migrations_lock (is_locked) values (0);
  `)
  const ran = database.prepare('insert into knex_migrations (name, batch, migration_time) values (?, ?, ?)')
  migrations.forEach(({ name, sql }, index) => {
    database.exec(sql)
    ran.run(name, index + 1, now.getTime() - (migrations.length - index) * 6 * DAY)
  })
  const user = database.prepare('insert into users (email, created_at) values (?, ?)')
  const talk = database.prepare('insert into conversations (user_id, question, answer, asked_at) values (?, ?, ?, ?)')
  database.exec('begin')
  for (let n = 1; n <= 120; n += 1) {
    const at = new Date(now.getTime() - n * (DAY / 5)).toISOString()
    user.run(`person${n}@example.org`, at)
    talk.run(n, 'hello', 'Hello. What did you enjoy doing last week?', at)
  }
  database.exec('commit')
  database.close()
}

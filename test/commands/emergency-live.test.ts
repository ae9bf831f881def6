import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { operator } from '../helpers/operator.ts'

const CONFIRMED = ['--confirm=mosaic-production', '--reason', 'a bad page is live']

test(
  'break glass brings the code of the baseline back live, proves it, and moves prod-current',
  { timeout: 180_000 },
  async () => {
    const { demo, kg, sh } = await operator()
    const before = await kg(['status', '--json'])
    expect((await kg(['baseline', 'create', 'immaculate-9'])).exit).toBe(0)
    const good = (await sh('rev-parse', 'origin/prod-current')).trim()
    // Somebody pushed by hand: a page that no release is, over a database whose rows are gone.
    writeFileSync(join(demo.root, 'index.html'), '<h1>oops</h1>\n')
    await sh('commit', '--quiet', '-am', 'Oops')
    await sh('push', '--quiet', 'origin', 'HEAD:main')
    const database = new DatabaseSync(join(demo.root, 'data/mosaic.db'))
    const tables = database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .all()
    database.exec('PRAGMA foreign_keys = OFF')
    for (const { name } of tables) database.exec(`DELETE FROM "${String(name)}"`)
    database.close()

    const { exit, out, err, json } = await kg(['emergency', '--baseline', 'immaculate-9', '--json', ...CONFIRMED])
    expect([exit, out + err]).toEqual([0, expect.stringContaining('immaculate-9')])
    expect(json).toMatchObject({ restoredTo: 'immaculate-9' })
    const after = await kg(['status', '--json'])
    const [was, is] = [before, after].map(
      ({ json: told }) => (told as { live: { ok: boolean; value: { matches: string } } }).live,
    )
    expect([was?.ok, is?.ok]).toEqual([true, true])
    // By a revert: a new commit whose tree is the good one's.
    const current = (await sh('rev-parse', 'origin/prod-current')).trim()
    expect((await sh('rev-parse', `${current}^{tree}`)).trim()).toBe((await sh('rev-parse', `${good}^{tree}`)).trim())
    expect(is?.value.matches).toBe(current)
    const rows = new DatabaseSync(join(demo.root, 'data/mosaic.db'), { readOnly: true })
    const counts = tables.map(({ name }) =>
      Number(rows.prepare(`SELECT count(*) AS n FROM "${String(name)}"`).get()?.['n']),
    )
    rows.close()
    expect(counts.every((count) => count > 0)).toBe(true)
  },
)

import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { leftovers, restorable } from '../helpers/restorable.ts'

const HOOK = `#!/bin/sh
echo "$KNOWNGOOD_EVENT $KNOWNGOOD_OP" >> hooked
`

const DUMP = `#!/bin/sh
[ -e broken ] && { echo half > "$1"; echo the server went away >&2; exit 1; }
echo whole > "$1"
`

type Row = { id: string; type: string; proof: string }

test(
  'faults 1 to 13: a capture that fails leaves the older backups and what is fresh as they were, prunes nothing, and calls the hook',
  { timeout: 60_000 },
  async () => {
    const site = await restorable({
      sources: '  legacy: { use: command, capture: ["./dump.sh", "{out}"], restore: ["cat", "{in}"] }\n',
      set: ['database', 'legacy'],
      data: 'full: { keep: 1, fresh: 24h }',
      config: 'hooks: { on_failure: ["./page-me.sh"], timeout: 2s }',
    })
    const script = (name: string, text: string) => {
      writeFileSync(join(site.root, name), text)
      chmodSync(join(site.root, name), 0o755)
    }
    script('dump.sh', DUMP)
    script('page-me.sh', HOOK)
    for (const name of ['one', 'two']) expect((await site.kg('backup', 'set', '--name', name)).exit).toBe(0)
    expect((await site.kg('backup', 'full')).exit).toBe(0)
    const listed = async () => (await site.kg('backups', '--json')).json['backups'] as Row[]
    const fresh = async () => ((await site.kg('status', '--json')).json['backups'] as { value: unknown }).value
    const [before, newest] = [await listed(), await fresh()]
    expect(before).toHaveLength(3)

    writeFileSync(join(site.root, 'broken'), '')
    const failed = await site.kg('backup', 'full', '--json')
    expect(failed).toMatchObject({ exit: 4, json: { ok: false, success: false, outcome: 'undone' } })
    expect(failed.err).toContain('the server went away')
    expect(readFileSync(join(site.root, 'hooked'), 'utf8')).toBe('failure backup\n')
    expect(await listed()).toEqual(before)
    expect(await fresh()).toEqual(newest)
    expect((await site.kg('audit')).out).toMatch(/backup .*(failed|put back)/i)
    expect(leftovers(site.root)).toEqual([])

    // A hook that hangs changes nothing about how it ended.
    script('page-me.sh', '#!/bin/sh\nexec sleep 600\n')
    const again = await site.kg('backup', 'full')
    expect([again.exit, again.err]).toEqual([4, expect.stringMatching(/^! The hook \.\/page-me\.sh failed/m)])

    rmSync(join(site.root, 'broken'))
    expect((await site.kg('backup', 'full')).exit).toBe(0)
    expect((await listed()).filter(({ type }) => type === 'full')).toHaveLength(1)
    expect(existsSync(join(site.root, '.knowngood/lock'))).toBe(false)
  },
)

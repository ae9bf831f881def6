import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { cannotMount, mountAt } from '../helpers/backing-up.ts'
import { temporaryFolder } from '../helpers/repository.ts'
import { restorable, siteAt } from '../helpers/restorable.ts'

/** Takes every byte that is left where that file is. */
function fill(path: string): void {
  const file = openSync(path, 'w')
  for (const chunk of [65_536, 4_096, 1]) {
    try {
      for (;;) writeSync(file, Buffer.alloc(chunk))
    } catch {
      // No room for one so large any more.
    }
  }
  closeSync(file)
}

test.skipIf(cannotMount)(
  'fault 20: on a full disk nothing is begun, the exit code says that nothing has to be put back, and who hears of failures hears of it (needs root)',
  { timeout: 120_000 },
  async () => {
    const told = join(temporaryFolder(), 'told')
    const hook = `hooks: { on_failure: ["sh", "-c", "echo $KNOWNGOOD_EXIT $KNOWNGOOD_SAYS >> ${told}"] }\n`
    const look = '{ id: look, title: It looks right, look: Open it, evidence: optional }'
    const site = await restorable({ config: `${hook}gate: { confirmations: [${look}] }\n` })
    const small = `${site.root}-small`
    const disk = mountAt(small, 'size=3m')
    onTestFinished(() => disk.done())
    execFileSync('cp', ['-a', `${site.root}/.`, small])
    const here = siteAt(small)
    fill(join(small, '.git/filler'))
    for (const args of [['backup', 'quick'], ['backup', 'full'], ['gate'], ['gate', 'confirm', 'look'], ['kickoff']]) {
      const { exit, out, err } = await here.kg(...args)
      expect([args.join(' '), exit, out + err]).toEqual([args.join(' '), 4, expect.stringContaining('ENOSPC')])
      expect(out + err).toContain('Nothing in production was changed.')
    }
    const heard = readFileSync(told, 'utf8').trim().split('\n')
    expect(heard).toEqual([expect.stringMatching(/^4 ENOSPC/), expect.stringMatching(/^4 ENOSPC/)])
    rmSync(join(small, '.git/filler'))
    expect((await here.kg('resume')).out).toContain('No run was interrupted')
    expect(await here.kg('backup', 'quick')).toMatchObject({ exit: 0 })
  },
)

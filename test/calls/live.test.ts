import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { liveCalls } from '../../src/calls/live.ts'
import { testIo } from '../helpers/io.ts'
import { temporaryFolder } from '../helpers/temp.ts'

/** A script that answers wrongly so many times before it is content. */
function script(wrongTimes: number): string {
  const root = temporaryFolder()
  mkdirSync(join(root, '.knowngood'))
  const text = `#!/bin/sh\necho x >> asked\n[ "$(wc -l < asked)" -gt ${wrongTimes} ] && [ "$KNOWNGOOD_BUILD_ID" = abc ]\n`
  writeFileSync(join(root, 'live.sh'), text, { mode: 0o755 })
  return root
}

const verify = (root: string, timeoutMs: number) =>
  liveCalls['live.verify'](
    { checks: [{ kind: 'run', run: ['./live.sh'], timeoutMs: 5000 }], buildId: 'abc', reads: 3, timeoutMs },
    testIo(root),
  )

describe('a live check that is a command alone', () => {
  it('is asked again while the host settles', async () => {
    await expect(verify(script(2), 30_000)).resolves.toMatchObject({ buildId: 'abc' })
  })

  it('fails when it is still wrong at the end of the time, and has answered', async () => {
    await expect(verify(script(99), 600)).rejects.toMatchObject({ answered: true, message: './live.sh ended with 1' })
  })
})

import { expect, test, vi } from 'vitest'
import { missing } from '../helpers/needs.ts'
import { needed } from '../helpers/needed.ts'
import { thereAndBack } from '../helpers/off-site.ts'
import { temporaryFolder } from '../helpers/temp.ts'

const FILES = 100_000
// Two hundred thousand files are removed behind it.
vi.setConfig({ hookTimeout: 300_000 })

test.runIf(process.env['KNOWNGOOD_SLOW'] === '1')(
  'a repository of 100,000 files goes to restic on an S3 server and back, in memory that stays small (slow: KNOWNGOOD_SLOW=1)',
  async (context) => {
    for (const one of ['restic', 'openssl'])
      if (missing(one, ['version'])) needed(context, `${one} is missing: apt-get install ${one}`)
    const { files, same, bytes, spent, peak } = await thereAndBack(FILES, temporaryFolder(), true)
    process.stderr.write(`${JSON.stringify({ spent, bytes, peak })}\n`)
    expect([files, same]).toEqual([FILES, true])
    expect(peak).toBeLessThan(700e6)
    // What did not change is not sent twice; restic cuts where the bytes tell it, a megabyte or so apart.
    const [first = 0, second = 0] = bytes
    expect(second - first).toBeLessThan(first * 0.8)
  },
  20 * 60_000,
)

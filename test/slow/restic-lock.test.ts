import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { afterEach, expect, test, vi } from 'vitest'
import { resticCalls } from '../../src/mirrors/restic-calls.ts'
import { restic } from '../../src/mirrors/restic.ts'
import { testIo } from '../helpers/io.ts'
import { missing } from '../helpers/needs.ts'
import { needed } from '../helpers/needed.ts'
import { temporaryFolder } from '../helpers/temp.ts'

afterEach(() => void vi.unstubAllEnvs())

test.runIf(process.env['KNOWNGOOD_SLOW'] === '1')(
  'an older copy is removed though a copy that was ended left its lock, and stays while somebody is at work',
  async (context) => {
    if (missing('restic', ['version'])) return needed(context, 'restic is missing: apt-get install restic')
    const dir = temporaryFolder()
    const to = join(dir, 'repository')
    vi.stubEnv('RESTIC_PASSWORD', 'not the right one to guess')
    vi.stubEnv('RESTIC_CACHE_DIR', join(dir, 'cache'))
    execaSync('restic', ['-r', to, 'init'])
    const io = testIo(dir)
    mkdirSync(io.dir, { recursive: true })
    writeFileSync(join(dir, 'one.txt'), '1')
    const sha256 = createHash('sha256').update('1').digest('hex')
    const file = { path: 'one.txt', file: join(dir, 'one.txt'), bytes: 1, sha256 }
    const copy = {
      id: 'set-1',
      kind: 'set' as const,
      at: 'now',
      digest: 'd',
      folder: 'mosaic/set/set-1',
      files: [file],
    }
    const options = restic.options.parse({ to })
    await resticCalls['restic.put']({ options, copy }, io)
    // It holds its lock for as long as it is not told that its input is over.
    const child = spawn('restic', ['-r', to, 'backup', '--stdin'], { stdio: ['pipe', 'ignore', 'ignore'] })
    await vi.waitUntil(() => readdirSync(join(to, 'locks')).length > 0, { timeout: 20_000 })
    const drop = () => resticCalls['restic.drop']({ options, held: copy }, io)
    await expect(drop()).rejects.toThrow(/the repository is locked by PID/)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(await drop()).toEqual({ removed: ['mosaic/set/set-1'] })
  },
)

import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { convex } from '../../src/sources/convex.ts'
import { processStarted } from '../../src/world/identity.ts'
import { testIo } from '../helpers/io.ts'
import { temporaryFolder } from '../helpers/repository.ts'
import { sourceAtWork } from '../helpers/source-round-trip.ts'

afterEach(() => vi.unstubAllEnvs())

/** A CLI that knows its deployment and exports to "$5" by this script. */
function shim(script: string) {
  const root = temporaryFolder()
  const program = join(root, 'cli')
  const page = 'https://dashboard.convex.dev/d/happy-sturgeon-123'
  writeFileSync(program, `#!/bin/sh\n[ "$1" = dashboard ] && echo ${page} && exit\nout=$4\n${script}\n`)
  chmodSync(program, 0o755)
  const options = { deployment: 'happy-sturgeon-123', command: [program], idle: 1 }
  const io = testIo(root)
  return { io, work: sourceAtWork({ source: convex as never, options, root, name: 'convex', io }) }
}

async function leavesNothing(work: ReturnType<typeof shim>['work']) {
  expect(existsSync(join(work.stage, 'database/convex.zip'))).toBe(false)
  const step = work.captureStep()
  if (step === null) throw new Error('nothing to capture')
  await work.undo(step)
  expect(readdirSync(join(work.stage, 'database'))).toEqual([])
}

describe('fault 12: a CLI that fails after it has written something', () => {
  test.each([
    ['and says so by its code', 'head -c 1000 /dev/zero > "$out"; exit 1', /ended with code 1/],
    ['and says nothing', 'head -c 1000 /dev/urandom > "$out"; exit 0', /does not open as an export/],
    ['and has written nothing', ': > "$out"; exit 0', /does not open as an export/],
    ['and has made no file', 'exit 0', /does not open as an export/],
  ])('%s fails the backup and leaves nothing', async (_, script, why) => {
    const { work } = shim(script)
    await expect(work.capture()).rejects.toThrow(why)
    await leavesNothing(work)
  })
})

describe('fault 13: a CLI that hangs', () => {
  test.each([
    ['with bytes written', 'head -c 1000 /dev/zero > "$out"; echo $$ > PID; exec sleep 600'],
    ['and a grandchild that keeps its output open', 'sleep 600 & echo $! > PID; exit 0'],
  ])('%s is ended with all it started', async (_, script) => {
    const pid = join(temporaryFolder(), 'pid')
    const { work } = shim(script.replace('PID', pid))
    await expect(work.capture()).rejects.toThrow(/said nothing for 1 s/)
    await leavesNothing(work)
    await expect.poll(() => processStarted(Number(readFileSync(pid, 'utf8')))).toBeNull()
  })
})

describe('fault 67: a deploy key', () => {
  test('is in no line that is shown, though the CLI prints it', async () => {
    vi.stubEnv('CONVEX_DEPLOY_KEY', 'prod:happy-sturgeon-123|canary-of-a-key')
    const { work, io } = shim('echo "key is $CONVEX_DEPLOY_KEY" >&2; exit 1')
    const failed = await work.capture().catch((error: unknown) => error)
    expect(JSON.stringify([io.lines, failed, String(failed)])).not.toContain('canary')
    expect(io.lines.join('\n')).toContain('key is ***')
  })
})

import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { docker } from '../../src/sources/docker.ts'
import { processStarted } from '../../src/world/identity.ts'
import { temporaryFolder } from '../helpers/repository.ts'
import { sourceAtWork } from '../helpers/source-round-trip.ts'

afterEach(() => vi.unstubAllEnvs())

/** An engine that knows one image and saves it by this script. */
function shim(save: string) {
  const root = temporaryFolder()
  const program = join(root, 'engine')
  const image = `{"id":"sha256:${'a'.repeat(64)}","layers":["sha256:${'b'.repeat(64)}"],"tags":["mosaic-api:latest"]}`
  writeFileSync(program, `#!/bin/sh\ncase "$1" in image) echo '${image}';; save) ${save};; esac\n`)
  chmodSync(program, 0o755)
  vi.stubEnv('DOCKER', program)
  const options = { images: ['mosaic-api'], idle: 1 }
  return { root, work: sourceAtWork({ source: docker as never, options, root, name: 'images' }) }
}

/** Nothing stands under a final name, and once it is undone nothing at all. */
async function leavesNothing(work: ReturnType<typeof shim>['work']) {
  const final = join(work.stage, 'docker/images/mosaic-api.tar.gz')
  expect(existsSync(final)).toBe(false)
  const step = work.captureStep()
  if (step === null) throw new Error('nothing to capture')
  await work.undo(step)
  expect(readdirSync(join(work.stage, 'docker/images'))).toEqual([])
}

describe('fault 12: an engine that fails after it has said something', () => {
  test.each([
    ['and says so by its code', 'head -c 100000 /dev/zero; exit 1', /ended with code 1/],
    ['and says nothing', 'head -c 100000 /dev/urandom; exit 0', /does not open as an image/],
    ['and has said nothing at all', 'exit 0', /does not open as an image/],
  ])('%s fails the backup and leaves nothing', async (_, save, why) => {
    const { work } = shim(save)
    await expect(work.capture()).rejects.toThrow(why)
    await leavesNothing(work)
  })
})

describe('fault 13: an engine that hangs', () => {
  test.each([
    ['with bytes said', 'head -c 1000 /dev/zero; echo $$ > PID; exec sleep 600'],
    ['and a grandchild that keeps its output open', 'sleep 600 & echo $! > PID; exit 0'],
  ])('%s is ended with all it started', async (_, save) => {
    const pid = join(temporaryFolder(), 'pid')
    const { work } = shim(save.replace('PID', pid))
    await expect(work.capture()).rejects.toThrow(/said nothing for 1 s/)
    await leavesNothing(work)
    await expect.poll(() => processStarted(Number(readFileSync(pid, 'utf8')))).toBeNull()
  })
})

describe('fault 11: an engine that is not there', () => {
  test('is said by name, by the backup and by doctor', async () => {
    const { work, root } = shim('exit 0')
    vi.stubEnv('DOCKER', join(root, 'not-there'))
    await expect(work.capture()).rejects.toThrow(/not-there was not found/)
    const place = { root, git: { remote: 'origin', branch: 'main' } }
    const [check] = await docker.doctor(docker.options.parse({ images: ['mosaic-api'] }), place)
    expect(check).toMatchObject({ id: 'docker.engine', ok: false, fix: expect.stringContaining('DOCKER=podman') })
  })

  test.each([
    [
      'does not run',
      'Cannot connect to the Docker daemon at unix:///x.sock. Is the docker daemon running?',
      /systemctl start/,
    ],
    [
      'is not ours',
      'permission denied while trying to connect to the Docker daemon socket at unix:///x.sock',
      /-aG docker/,
    ],
    ['says anything else', 'Error response from daemon: out of patience', /image ls$/],
  ])('or %s: doctor and the backup say what the engine said, and doctor what to do', async (_, said, fix) => {
    const { work, root } = shim('exit 0')
    const program = join(root, 'docker')
    writeFileSync(program, `#!/bin/sh\necho "${said}" >&2\nexit 1\n`, { mode: 0o755 })
    vi.stubEnv('DOCKER', program)
    await expect(work.capture()).rejects.toThrow(said)
    const place = { root, git: { remote: 'origin', branch: 'main' } }
    const [check] = await docker.doctor(docker.options.parse({ images: ['mosaic-api'] }), place)
    expect(check).toMatchObject({ ok: false, says: expect.stringContaining(said), fix: expect.stringMatching(fix) })
  })
})

import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Part } from '../../../src/core/backup.ts'
import { docker as source } from '../../../src/sources/docker.ts'
import type { Docker } from '../../helpers/docker.ts'
import { needed } from '../../helpers/needed.ts'
import { startPodman } from '../../helpers/podman.ts'
import { temporaryFolder } from '../../helpers/repository.ts'
import { roundTrip, sourceAtWork } from '../../helpers/source-round-trip.ts'

let started: Docker | string = ''
let podman: Docker

const images = ['mosaic-api:v1', 'nginx']
/** What was built of each version, in the order of the images. */
const built: Record<string, string[]> = {}

beforeAll(async () => {
  started = startPodman()
  if (typeof started === 'string') return
  const { env, build } = started
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  for (const version of ['first', 'second'])
    built[version] = images.map((image, index) => build(`kept:${version}-${index}`, `${version} of ${image}`))
})
afterAll(async () => {
  vi.unstubAllEnvs()
  if (typeof started !== 'string') await started.stop()
})
beforeEach((context) => {
  podman = needed(context, started)
  const left = names().filter((name) => !name.startsWith('localhost/kept:'))
  if (left.length > 0) podman.run('rmi', '--force', ...left)
})

const told = (root = temporaryFolder()) => ({ source: source as never, options: { images }, root, name: 'images' })
const ids = () => podman.run('image', 'inspect', '--format', '{{.Id}}', ...images).split('\n')
const names = () => podman.run('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}').split('\n')

/** What is live from now on; the last one as it stands after a pull. */
function live(version: 'first' | 'second'): string[] {
  return images.map((image, index) => {
    const id = built[version]?.[index] ?? ''
    podman.run('tag', id, image === 'nginx' ? 'docker.io/library/nginx:latest' : image)
    return id.replace('sha256:', '')
  })
}

describe('images of podman', () => {
  test('are saved, read back, changed, loaded beside, swapped in, and put back, each under the name it had', async () => {
    live('first')
    await roundTrip(told(), ids, () => live('second'))
    expect(names()).toContain('docker.io/library/nginx:latest')
    expect(names()).not.toContain('localhost/nginx:latest')
  })

  test('come back by the lines of the manifest, and by hand as a plan says it', async () => {
    const first = live('first')
    const work = sourceAtWork(told())
    const { parts } = await work.capture()
    const second = live('second')
    for (const line of parts.flatMap((part) => source.manual(source.options.parse({ images }), part)))
      execFileSync('bash', ['-euc', line], { cwd: work.stage, stdio: 'pipe' })
    expect(podman.run('image', 'inspect', '--format', '{{.Id}}', 'mosaic-api:kg-restored-v1')).toBe(first[0])
    const beside = work.restoreSteps(parts)?.beside
    const [action] = beside?.actions ?? []
    if (action?.do !== 'call') throw new Error('nothing is loaded')
    for (const [program, ...args] of action.byHand) execFileSync(String(program), args.map(String), { stdio: 'pipe' })
    expect(await work.probe(beside as never)).toMatchObject({ state: 'done' })
    expect(ids()).toEqual(second)
  })

  test('that podman saved together under their names are told apart, and each is put back', async () => {
    const first = live('first')
    const work = sourceAtWork(told())
    const path = 'docker/images/nginx.tar.gz'
    mkdirSync(join(work.stage, 'docker/images'), { recursive: true })
    const line = `podman save --format docker-archive -m mosaic-api:v1 docker.io/library/nginx | gzip > ${path}`
    execFileSync('bash', ['-euo', 'pipefail', '-c', line], { cwd: work.stage, stdio: 'pipe' })
    const part: Part = { source: 'images', use: 'docker', path, bytes: 0, sha256: '', unsettled: [] }
    const [one] = live('second')
    expect(await work.readable(part)).toEqual({ counts: { layers: 2 } })
    await work.restore([part])
    expect(ids()).toEqual([one, first[1]])
  })

  test('that are not there fail a backup, and doctor says so', async () => {
    const work = sourceAtWork({ ...told(), options: { images: ['not-there'] } })
    await expect(work.capture()).rejects.toThrow(/no image not-there/)
    const place = { root: temporaryFolder(), git: { remote: 'origin', branch: 'main' } }
    expect(await source.doctor(source.options.parse({ images: ['not-there'] }), place)).toMatchObject([
      { ok: true, says: 'podman answers' },
      { ok: false, says: 'there is no image not-there' },
    ])
  })
})

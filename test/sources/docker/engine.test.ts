import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Part } from '../../../src/core/backup.ts'
import { docker as source } from '../../../src/sources/docker.ts'
import { startDocker } from '../../helpers/docker.ts'
import type { Docker } from '../../helpers/docker.ts'
import { needed } from '../../helpers/needed.ts'
import { temporaryFolder } from '../../helpers/repository.ts'
import { roundTrip, sourceAtWork } from '../../helpers/source-round-trip.ts'

let started: Docker | string = ''
let docker: Docker

const images = ['mosaic-api', 'registry.example:5000/web/site:v1']
const versions = ['first', 'second', 'third'] as const
/** What was built of each version, in the order of the images; kept under names of their own, so that nothing is built twice. */
const built: Record<string, string[]> = {}

beforeAll(async () => {
  started = await startDocker()
  if (typeof started === 'string') return
  const { env, build } = started
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  for (const version of versions)
    built[version] = images.map((image, index) => build(`kept:${version}-${index}`, `${version} of ${image}`))
})
afterAll(async () => {
  vi.unstubAllEnvs()
  if (typeof started !== 'string') await started.stop()
})
beforeEach((context) => {
  docker = needed(context, started)
  const names = docker.run('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}').split('\n')
  const left = names.filter((name) => !name.startsWith('kept:'))
  if (left.length > 0) docker.run('rmi', '--force', ...left)
})

const told = (root = temporaryFolder()) => ({ source: source as never, options: { images }, root, name: 'images' })
const ids = () => docker.run('image', 'inspect', '--format', '{{.Id}}', ...images).split('\n')

/** What is live from now on. */
function live(version: (typeof versions)[number]): string[] {
  return images.map((image, index) => {
    const id = built[version]?.[index] ?? ''
    docker.run('tag', id, image)
    return id
  })
}

async function captured() {
  const first = live('first')
  const work = sourceAtWork(told())
  return { work, first, ...(await work.capture()) }
}

describe('images', () => {
  test('are saved, read back, changed, loaded beside, swapped in, and put back', async () => {
    live('first')
    await roundTrip(told(), ids, () => live('second'))
  })

  test('fault 67: are archives that any docker load takes, with a list of what each is and no variable of theirs', async () => {
    const { work, parts, first } = await captured()
    expect(parts.map(({ path }) => path)).toEqual([
      'docker/images/mosaic-api.tar.gz',
      'docker/images/registry.example_5000__web__site_v1.tar.gz',
      'docker/images/IMAGES.json',
    ])
    expect(parts[0]?.counts).toEqual({ layers: 1 })
    const list = readFileSync(join(work.stage, 'docker/images/IMAGES.json'), 'utf8')
    expect(JSON.parse(list)).toMatchObject({
      images: [
        { image: images[0], id: first[0]?.slice(7), tags: expect.arrayContaining(['mosaic-api:latest']) },
        { image: images[1], id: first[1]?.slice(7) },
      ],
    })
    expect(list).not.toContain('canary')
    expect(readdirSync(join(work.stage, 'docker/images')).length).toBe(3)
  })

  test('move no name when they are loaded, by us or by hand', async () => {
    const { work, parts } = await captured()
    const second = live('second')
    docker.run('load', '--input', join(work.stage, parts[0]?.path ?? ''))
    for (const part of parts) await work.readable(part)
    const steps = work.restoreSteps(parts, { live: false, dir: '', urlFrom: null })
    if (steps === null) throw new Error('it is not put beside')
    await work.run(steps.beside)
    expect(steps.swap).toBeNull()
    expect(ids()).toEqual(second)
    await work.run(steps.drop)
    expect(ids()).toEqual(second)
    expect(docker.run('image', 'ls', '--format', '{{.Tag}}')).not.toContain('kg-')
  })

  test('come back by the lines of the manifest, under a name of their own', async () => {
    const { work, parts, first } = await captured()
    const second = live('second')
    for (const line of parts.flatMap((part) => source.manual(source.options.parse({ images }), part)))
      execFileSync('bash', ['-euc', line], { cwd: work.stage, stdio: 'pipe' })
    expect(docker.run('image', 'inspect', '--format', '{{.Id}}', 'mosaic-api:kg-restored')).toBe(first[0])
    expect(ids()).toEqual(second)
  })

  test('that are read leave no image behind that was not there', async () => {
    docker.build('gone', 'gone')
    const work = sourceAtWork({ ...told(), options: { images: ['gone'] } })
    const { parts } = await work.capture()
    docker.run('rmi', 'gone')
    const all = () => docker.run('image', 'ls', '--all', '--quiet').split('\n').toSorted()
    const before = all()
    for (const part of parts) expect(await work.readable(part)).toEqual({ counts: part.counts ?? {} })
    expect(all()).toEqual(before)
  })

  test('that were here without a name are never removed: the last name they were given stays', async () => {
    const id = docker.build('gone', 'gone')
    const work = sourceAtWork({ ...told(), options: { images: ['gone'] } })
    const { parts } = await work.capture()
    docker.build('gone', 'another')
    const steps = work.restoreSteps(parts, { live: false, dir: '', urlFrom: null })
    if (steps === null) throw new Error('it is not put beside')
    await work.run(steps.beside)
    await work.act(steps.drop)
    expect(await work.probe(steps.drop)).toMatchObject({ state: 'done' })
    expect(docker.run('image', 'inspect', '--format', '{{.RepoTags}}', id)).toMatch(/^\[gone:kg-/)
  })

  test('that others saved by name are put back without moving that name first', async () => {
    const [first = ''] = live('first')
    docker.run('tag', built['third']?.[0] ?? '', 'mosaic-api:old')
    const stage = temporaryFolder()
    const path = 'docker/images/mosaic-api.tar.gz'
    const work = sourceAtWork(told(stage))
    execFileSync('mkdir', ['-p', join(work.stage, 'docker/images')])
    const line = `docker save mosaic-api | gzip > ${path}`
    execFileSync('bash', ['-euc', line], { cwd: work.stage, env: { ...process.env, ...docker.env } })
    const part: Part = { source: 'images', use: 'docker', path, bytes: 0, sha256: '', unsettled: [] }
    const second = live('second')
    expect(await work.readable(part)).toEqual({ counts: { layers: 2 } })
    const steps = work.restoreSteps([part])
    if (steps === null || steps.swap === null) throw new Error('it is not put back')
    await work.run(steps.beside)
    expect(ids()).toEqual(second)
    await work.run(steps.swap)
    expect(ids()).toEqual([first, second[1]])
  })

  test('that are not there fail a backup, and doctor says so', async () => {
    const work = sourceAtWork({ ...told(), options: { images: ['not-there'] } })
    await expect(work.capture()).rejects.toThrow(/no image not-there/)
    const place = { root: temporaryFolder(), git: { remote: 'origin', branch: 'main' } }
    expect(await source.doctor(source.options.parse({ images: ['not-there'] }), place)).toMatchObject([
      { ok: true, says: 'docker answers' },
      { ok: false, says: 'there is no image not-there' },
    ])
  })
})

describe('a swap of images that is killed between two names', () => {
  test('is seen as half done, goes back whole, and can be done again', async () => {
    const { work, parts, first } = await captured()
    const second = live('second')
    const steps = work.restoreSteps(parts)
    if (steps === null || steps.swap === null) throw new Error('it is not put back')
    await work.run(steps.beside)
    const { swap } = steps
    await work.run(swap)
    // As it stands when the second name was not moved yet.
    docker.run('tag', second[1] ?? '', images[1] ?? '')
    expect(await work.probe(swap)).toMatchObject({ state: 'partial' })
    await work.undo(swap)
    expect(ids()).toEqual(second)
    expect(await work.probe(swap)).toMatchObject({ state: 'absent' })
    await work.run(swap)
    expect(ids()).toEqual(first)
  })

  test('is left alone when somebody else moved a name since', async () => {
    const { work, parts } = await captured()
    live('second')
    const steps = work.restoreSteps(parts)
    if (steps === null || steps.swap === null) throw new Error('it is not put back')
    await work.run(steps.beside)
    await work.run(steps.swap)
    const third = live('third')
    expect(await work.probe(steps.swap)).toMatchObject({ state: 'foreign' })
    await expect(work.undo(steps.swap)).rejects.toThrow(/somebody else/)
    expect(ids()).toEqual(third)
  })
})

describe('fault 31: an archive of an image that is cut short, rotten or exchanged', () => {
  const damages: Record<string, (bytes: Buffer) => Buffer> = {
    'is cut short': (bytes) => bytes.subarray(0, bytes.length - 200),
    'has a flipped bit': (bytes) => {
      const copy = Buffer.from(bytes)
      copy[bytes.length >> 1] = (copy[bytes.length >> 1] ?? 0) ^ 4
      return copy
    },
    'has another layer in it': (bytes) => {
      const tar = gunzipSync(bytes)
      tar.write('PWNED', tar.indexOf('first of mosaic-api'))
      return tar
    },
  }

  test('is found, and nothing is loaded', async () => {
    const { work, parts } = await captured()
    const [part] = parts
    if (part === undefined) throw new Error('no part')
    docker.run('rmi', ...images)
    const file = join(work.stage, part.path)
    const whole = readFileSync(file)
    const steps = work.restoreSteps(parts)
    if (steps === null) throw new Error('it is not put back')
    for (const [what, damage] of Object.entries(damages)) {
      writeFileSync(file, damage(whole))
      await expect(work.readable(part), what).rejects.toThrow(/does not open as an image/)
      await expect(work.act(steps.beside), what).rejects.toThrow(/does not open as an image/)
    }
    expect(docker.run('image', 'ls', '--quiet', 'mosaic-api')).toBe('')
  })
})

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { run as bundle } from '../../src/commands/bundle.ts'
import type { Docker } from '../helpers/docker.ts'
import { startDocker } from '../helpers/docker.ts'
import { needed } from '../helpers/needed.ts'
import { publishing } from '../helpers/publishing.ts'

let started: Docker | string = ''
let docker: Docker

beforeAll(async () => {
  started = await startDocker()
  if (typeof started === 'string') return
  for (const [name, value] of Object.entries(started.env)) vi.stubEnv(name, value)
  started.build('mosaic-api:latest', 'an image')
})
afterAll(async () => {
  vi.unstubAllEnvs()
  if (typeof started !== 'string') await started.stop()
})
beforeEach((context) => {
  docker = needed(context, started)
})

const idOf = (image: string) => docker.run('image', 'inspect', '--format', '{{.Id}}', image)
const tags = () => docker.run('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}').split('\n').toSorted()

test('an image gets the tag of its bundle, keeps its own, and stands in the lock file', async () => {
  const { context, lock, root, names } = publishing(new Map())
  const plain = await bundle(context, [], {})
  expect(plain.data).not.toHaveProperty('dockerImage')
  expect(lock()).not.toHaveProperty('dockerImage')
  const { exit, data, lines } = await bundle(context, [], { dockerImage: 'mosaic-api' })
  const tag = String(data['dockerImage'])
  expect([exit, tag]).toEqual([0, expect.stringMatching(/^mosaic-api:v1\.0\.1-\d{8}_\d{6}Z$/)])
  expect(String(data['path'])).toContain(tag.replace('mosaic-api:', ''))
  expect(lines).toContain(`Image ${tag}`)
  expect(idOf(tag)).toBe(idOf('mosaic-api:latest'))
  expect(lock()['dockerImage']).toEqual({ image: 'mosaic-api', tag, id: idOf(tag) })
  // The image is not part of the bundle: its bytes are the same with one and without.
  const [one, two] = names('.tar.gz').map((name) => readFileSync(join(root, 'releases', name)))
  expect(one?.equals(two ?? Buffer.alloc(0))).toBe(true)
})

test('a dry run names the command and changes nothing; without the image none is made', async () => {
  const { context, root } = publishing(new Map())
  const before = tags()
  const dry = await bundle({ ...context, dryRun: true, json: false }, [], { dockerImage: 'mosaic-api' })
  expect(dry.lines.join('\n')).toMatch(/docker tag mosaic-api mosaic-api:v1\.0\.1-\d{8}_\d{6}Z/)
  const absent = bundle(context, [], { dockerImage: 'nobody/built-me' })
  await expect(absent).resolves.toMatchObject({ exit: 3, data: { error: expect.anything() } })
  await expect(bundle(context, [], { dockerImage: '--help' })).rejects.toMatchObject({ exit: 2 })
  expect([tags(), existsSync(join(root, 'releases'))]).toEqual([before, false])
})

test('a bundle that there is no room for takes its tag away again', async () => {
  const { context, project } = publishing(new Map())
  const before = tags()
  const full = { ...project, disk: { ...project.disk, free: Number.MAX_SAFE_INTEGER } }
  const { exit } = await bundle({ ...context, project: async () => full }, [], { dockerImage: 'mosaic-api' })
  expect([exit, tags()]).toEqual([3, before])
})

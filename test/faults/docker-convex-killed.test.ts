import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { fakeConvex } from '../helpers/convex.ts'
import { startDocker } from '../helpers/docker.ts'
import type { Docker } from '../helpers/docker.ts'
import { runKilled } from '../helpers/killed.ts'
import type { Kill } from '../helpers/killed.ts'
import { needed } from '../helpers/needed.ts'
import { temporaryFolder } from '../helpers/repository.ts'
import { leftovers, restorable } from '../helpers/restorable.ts'

/** Where a restore of a source may die: what it put beside, and either side of its swap. */
const points = (name: string): Kill[] => [
  { when: 'acted', step: `beside.${name}` },
  { when: 'before', step: `swap.${name}` },
  { when: 'acted', step: `swap.${name}` },
]

afterAll(() => vi.unstubAllEnvs())

describe('fault 45: a restore that is killed', () => {
  let started: Docker | string = ''

  beforeAll(async () => {
    started = await startDocker()
    if (typeof started !== 'string') for (const [name, value] of Object.entries(started.env)) vi.stubEnv(name, value)
  })
  afterAll(async () => {
    if (typeof started !== 'string') await started.stop()
  })

  test(
    'around a swap of images leaves each name on the old or the new one; it is undone, and resumed',
    { timeout: 180_000 },
    async (context) => {
      const docker = needed(context, started)
      const images = ['mosaic-api', 'mosaic-web']
      const build = (text: string) => images.map((image) => docker.build(image, `${text} of ${image}`))
      const ids = () => docker.run('image', 'inspect', '--format', '{{.Id}}', ...images).split('\n')
      const names = () => docker.run('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}').split('\n').toSorted()
      const source = '  images: { use: docker, images: [mosaic-api, mosaic-web] }\n'
      const site = await restorable({ sources: source, set: ['images'] })
      const old = build('old')
      const id = await site.backup('set', { name: 'before' })
      docker.run('rmi', ...images)
      const live = build('new')
      const plain = names()
      expect(await site.verify(id, 'restored')).toMatchObject({ exit: 0, error: null })
      expect([ids(), names()]).toEqual([live, plain])

      for (const kill of points('images')) {
        const plan = await site.restore(id)
        expect(plan.holds).toEqual([])
        const at = `${kill.when} ${kill.step}`
        expect(await runKilled(site.root, plan, 'run', kill), at).toMatchObject({ killed: true })
        for (const [index, stands] of ids().entries()) expect([old[index], live[index]], at).toContain(stands)
        expect(await runKilled(site.root, plan, 'undo', null), at).toMatchObject({
          exit: 0,
          outcome: 'undone',
          owed: [],
        })
        expect([ids(), names()], at).toEqual([live, plain])
      }
      const plan = await site.restore(id)
      expect(await runKilled(site.root, plan, 'run', { when: 'acted', step: 'swap.images' })).toMatchObject({
        killed: true,
      })
      expect(await runKilled(site.root, plan, 'resume', null)).toMatchObject({ exit: 0, owed: [] })
      expect(ids()).toEqual(old)
      expect(leftovers(site.root)).toEqual([])
    },
  )

  test(
    'around an import into Convex leaves the old or the new documents; it is undone, and resumed',
    { timeout: 180_000 },
    async () => {
      const live = fakeConvex(join(temporaryFolder(), 'cloud'), 'happy-sturgeon-123')
      for (const [name, value] of Object.entries(live.env)) vi.stubEnv(name, value)
      live.put({ messages: [{ _id: 'm1' }], users: [] })
      const source = '  convex: { use: convex, deployment: happy-sturgeon-123, command: [convex] }\n'
      const site = await restorable({ sources: source, set: ['database', 'convex'] })
      const old = live.tables()
      const id = await site.backup('set', { name: 'before' })
      live.put({ messages: [{ _id: 'm2' }, { _id: 'm3' }] })
      const changed = live.tables()
      expect(await site.verify(id, 'restored')).toMatchObject({ exit: 0, error: null })

      for (const kill of points('convex')) {
        const plan = await site.restore(id)
        expect(plan.holds).toEqual([])
        const at = `${kill.when} ${kill.step}`
        expect(await runKilled(site.root, plan, 'run', kill), at).toMatchObject({ killed: true })
        expect([old, changed], at).toContainEqual(live.tables())
        expect(await runKilled(site.root, plan, 'undo', null), at).toMatchObject({
          exit: 0,
          outcome: 'undone',
          owed: [],
        })
        expect(live.tables(), at).toEqual(changed)
      }
      for (const kill of points('convex').slice(1)) {
        const plan = await site.restore(id)
        live.put({ messages: [{ _id: 'm2' }, { _id: 'm3' }] })
        expect(await runKilled(site.root, plan, 'run', kill)).toMatchObject({ killed: true })
        expect(await runKilled(site.root, plan, 'resume', null)).toMatchObject({ exit: 0, owed: [] })
        expect(live.tables()).toEqual(old)
      }
      expect(leftovers(site.root)).toEqual([])
    },
  )
})

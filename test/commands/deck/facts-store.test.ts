import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { makeFactsStore } from '../../../src/commands/deck/facts-store.ts'
import { projectAt } from '../../helpers/project.ts'
import { repository } from '../../helpers/repository.ts'

test('release records in a database that does not answer keep the dashboard from showing nothing else', async () => {
  const silent: Socket[] = []
  const deaf = createServer((socket) => void silent.push(socket)).listen(0, '127.0.0.1')
  await once(deaf, 'listening')
  const stop = new AbortController()
  process.env['KG_DEAF_URL'] = `postgres://ana@127.0.0.1:${(deaf.address() as AddressInfo).port}/x`
  onTestFinished(() => {
    stop.abort()
    for (const socket of silent) socket.destroy()
    deaf.close()
  })
  const project = projectAt(repository().root, { records: { url: '$KG_DEAF_URL' } })
  const facts = makeFactsStore(project, { operator: 'ana', host: 'laptop' }, { signal: stop.signal })
  const shown = new Promise<void>((resolve) => {
    const leave = facts.store.subscribe(() => {
      leave()
      resolve()
    })
  })
  const all = facts.refresh()
  await shown
  const first = facts.store.get()
  expect([first.facts.git.ok, first.facts.backups.ok, first.facts.logs.ok]).toEqual([true, true, true])
  expect(first.facts.releases).toMatchObject({ ok: false, because: 'it is being looked up' })
  expect(first.checking.has('releases')).toBe(true)

  await all
  const last = facts.store.get()
  expect(last.facts.releases).toMatchObject({ ok: false, because: expect.stringMatching(/did not answer|psql/) })
  expect(last.checking.size).toBe(0)
})

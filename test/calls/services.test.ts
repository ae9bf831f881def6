import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { servicesCalls } from '../../src/calls/services.ts'
import { testIo } from '../helpers/io.ts'
import { temporaryFolder } from '../helpers/temp.ts'

const SCRIPT = `#!/bin/sh
echo "$1 $2" >> log
case "$1" in
  stop) [ -e "$2.stuck" ] && exit 1; rm -f "$2.up" ;;
  start) [ -e "$2.broken" ] && exit 1; touch "$2.up" ;;
  status) [ -e "$2.up" ] ;;
esac
`

function atWork(...names: string[]) {
  const root = temporaryFolder()
  writeFileSync(join(root, 'service'), SCRIPT, { mode: 0o755 })
  for (const name of names) writeFileSync(join(root, `${name}.up`), '')
  const services = names.map((name) => ({
    stop: ['./service', 'stop', name],
    start: ['./service', 'start', name],
    status: ['./service', 'status', name],
  }))
  const io = testIo(root)
  return {
    root,
    put: (file: string) => writeFileSync(join(root, file), ''),
    up: () => names.filter((name) => existsSync(join(root, `${name}.up`))),
    log: () => readFileSync(join(root, 'log'), 'utf8').trim().split('\n'),
    call: async (name: keyof typeof servicesCalls) => await servicesCalls[name]({ services }, io),
  }
}

test('what was stopped is started again, in order, and once only', async () => {
  const at = atWork('api', 'worker')
  expect(await at.call('services.stopped')).toMatchObject({ state: 'absent' })
  await at.call('services.stop')
  expect(at.up()).toEqual([])
  expect(await at.call('services.stopped')).toMatchObject({ state: 'done' })
  await at.call('services.start')
  expect(at.up()).toEqual(['api', 'worker'])
  expect(await at.call('services.started')).toMatchObject({ state: 'done' })
  await at.call('services.start')
  expect(at.log()).toEqual(['stop api', 'stop worker', 'start api', 'status api', 'start worker', 'status worker'])
})

test('what this run never stopped it never starts', async () => {
  const at = atWork('api')
  await at.call('services.start')
  expect(existsSync(join(at.root, 'log'))).toBe(false)
})

test('one that does not stop fails, and those before it are started again; one that does not run may refuse to stop', async () => {
  const at = atWork('api', 'worker')
  at.put('worker.stuck')
  await expect(at.call('services.stop')).rejects.toThrow()
  expect(await at.call('services.stopped')).toMatchObject({ state: 'partial' })
  await at.call('services.start')
  expect(at.up()).toEqual(['api', 'worker'])

  const down = atWork('api')
  down.put('api.stuck')
  rmSync(join(down.root, 'api.up'))
  await down.call('services.stop')
  expect(await down.call('services.stopped')).toMatchObject({ state: 'done' })
})

test('one that fails to start is started once more', async () => {
  const at = atWork('api')
  writeFileSync(join(at.root, 'service'), SCRIPT.replace('[ -e "$2.broken" ]', '[ "$(grep -c start log)" = 1 ]'))
  await at.call('services.stop')
  await at.call('services.start')
  expect(at.up()).toEqual(['api'])
  expect(at.log()).toEqual(['stop api', 'start api', 'start api', 'status api'])
})

test('one that does not start is named, and does not keep the others down', async () => {
  const at = atWork('api', 'worker')
  await at.call('services.stop')
  at.put('api.broken')
  await expect(at.call('services.start')).rejects.toThrow(/^\.\/service start api: /)
  expect(at.up()).toEqual(['worker'])
  expect(await at.call('services.started')).toMatchObject({ state: 'absent' })
})

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Step } from '../../src/core/plan.ts'
import { redis, scopeOf } from '../../src/sources/redis.ts'
import { flushStep } from '../../src/sources/redis/steps.ts'
import type { Redis } from '../../src/world/redis.ts'
import { testIo } from '../helpers/io.ts'
import { missing } from '../helpers/needs.ts'
import { allKeys, realRedis, type RealRedis } from '../helpers/redis.ts'
import { sourceAtWork } from '../helpers/source-round-trip.ts'
import { temporaryFolder } from '../helpers/temp.ts'

const RUN = 'deploy-20261121_120000Z-a1b2'
const PASSWORD = 'canary-of-redis-9f2c'

describe.skipIf(missing('redis-server'))('Redis (package redis-server)', () => {
  let server: RealRedis
  let keys: Redis
  beforeAll(async () => {
    server = await realRedis(PASSWORD)
    keys = await server.open()
  })
  afterAll(async () => {
    keys.close()
    await server.end()
  })
  beforeEach(async () => {
    await keys.send('FLUSHALL')
    await keys.all([
      ['SET', 'app:1', 'one'],
      ['SET', 'app:2', 'two'],
      ['SET', 'foreign', 'mine'],
    ])
  })

  function project(url = server.url(), options: Record<string, unknown> = { prefix: 'app:' }) {
    const root = temporaryFolder()
    const io = { ...testIo(root), secret: () => url }
    const given = { url: '$KG_REDIS_URL', ...options }
    const at = sourceAtWork({ source: redis as never, options: given, root, io })
    return { root, io, at, scope: scopeOf(redis.options.parse(given)) }
  }

  async function restoring() {
    const made = project()
    const { parts } = await made.at.capture()
    await keys.all([
      ['SET', 'app:1', 'changed'],
      ['DEL', 'app:2'],
      ['SET', 'app:3', 'new'],
    ])
    const steps = made.at.restoreSteps(parts)
    if (steps?.swap == null) throw new Error('no swap')
    await made.at.run(steps.beside)
    return { ...made, swap: steps.swap, changed: await allKeys(keys) }
  }

  test('fault 51: a Redis that is down is said to be, at a capture, a flush and a restore', async () => {
    const { at, scope } = project('redis://:secret-of-nobody@127.0.0.1:1/0')
    await expect(at.capture()).rejects.toThrow(/^Redis does not answer at 127\.0\.0\.1:1/)
    const step = flushStep('flush.cache', 'cache', scope)
    await expect(at.act(step)).rejects.toThrow('does not answer')
    expect(await at.probe(step)).toMatchObject({ state: 'unknown' })
    expect(step.onFail).toBe('owe')
  })

  test('fault 51: a wrong password is said, and shown nowhere', async () => {
    const { at } = project(server.url().replace(PASSWORD, 'wrong-canary-1234'))
    const error = await at.capture().catch((thrown: unknown) => thrown)
    expect(String(error)).toMatch(/WRONGPASS|invalid/)
    expect(String(error)).not.toContain('canary')
  })

  test('fault 51: keys of others live through a restore, its undo and a flush', async () => {
    const { at, swap, scope } = await restoring()
    await at.run(swap)
    expect(Object.keys(await allKeys(keys))).toEqual(['app:1', 'app:2', 'foreign'])
    await at.undo(swap)
    expect(Object.keys(await allKeys(keys))).toEqual(['app:1', 'app:3', 'foreign'])
    expect(await at.act(flushStep('flush.cache', 'cache', scope))).toEqual({ removed: 2 })
    expect(Object.keys(await allKeys(keys))).toEqual(['foreign'])
  })

  test('fault 51: a prefix is taken as it is written, never as a pattern', async () => {
    const { at, scope } = project(server.url(), { prefix: 'app:*[' })
    await keys.send('SET', 'app:*[1', 'ours')
    expect(await at.act(flushStep('flush.cache', 'cache', scope))).toEqual({ removed: 1 })
    expect(Object.keys(await allKeys(keys))).toEqual(['app:1', 'app:2', 'foreign'])
  })

  test('fault 45: killed while keys are put beside the live ones, these are as they were, and the rest goes', async () => {
    const { at, swap, changed } = await restoring()
    await at.look(swap)
    await keys.send('SET', `knowngood:${RUN}:app:1`, 'half')
    expect(await at.probe(swap)).toMatchObject({ state: 'partial' })
    await at.undo(swap)
    expect(await allKeys(keys)).toEqual(changed)
    expect(await at.probe(swap)).toMatchObject({ state: 'absent' })
    await at.act(swap)
    expect(Object.keys(await allKeys(keys))).toEqual(['app:1', 'app:2', 'foreign'])
  })

  test('fault 45: killed after the transaction and before the journal, the swap is known to be done', async () => {
    const { at, swap, changed } = await restoring()
    await at.look(swap)
    await at.act(swap)
    delete at.gives[swap.id]
    expect(await at.probe(swap)).toMatchObject({ state: 'done', gives: { kept: { sha256: expect.any(String) } } })
    await at.undo(swap)
    expect(await allKeys(keys)).toEqual(changed)
  })

  test('fault 45: killed once it was kept and before the journal knew, it is kept again', async () => {
    const { at, swap, changed } = await restoring()
    await at.look(swap)
    await at.run(swap)
    await at.undo(swap)
    expect(await allKeys(keys)).toEqual(changed)
  })

  test('fault 49: a Redis that cannot be kept is not touched', async () => {
    const { root, at, swap, changed } = await restoring()
    mkdirSync(join(root, '.knowngood/undo', RUN, 'data.rdb'))
    await expect(at.look(swap)).rejects.toThrow()
    expect(await allKeys(keys)).toEqual(changed)
  })

  test.each([
    ['a flipped byte', (bytes: Buffer) => bytes.fill(bytes[40] === 0x61 ? 0x62 : 0x61, 40, 41)],
    ['a lost end', (bytes: Buffer) => bytes.subarray(0, bytes.length - 12)],
  ])('fault 30: %s is found when it is opened, and before anything is restored', async (_, damage) => {
    const { at } = project()
    const { parts } = await at.capture()
    const file = join(at.stage, 'database/data.rdb')
    writeFileSync(file, damage(readFileSync(file)))
    const [part] = parts
    if (part === undefined) throw new Error('no part')
    await expect(at.readable(part)).rejects.toThrow()
    const beside = at.restoreSteps(parts)?.beside as Step
    await expect(at.run(beside)).rejects.toThrow('is damaged')
  })

  test('fault 67: the password is in no step, file or line', async () => {
    const { root, io, at, swap } = await restoring()
    await at.run(swap)
    const step = at.captureStep()
    expect(JSON.stringify([step, swap, at.gives, at.was, io.lines])).not.toContain(PASSWORD)
    const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    const told = files.filter((entry) => readFileSync(join(entry.parentPath, entry.name)).includes(PASSWORD))
    expect([files.length > 0, told]).toEqual([true, []])
  })
})

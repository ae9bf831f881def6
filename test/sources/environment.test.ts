import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { environment } from '../../src/sources/environment.ts'
import { processesIn } from '../../src/world/pm2.ts'
import { realPm2 } from '../helpers/pm2.ts'
import type { Pm2 } from '../helpers/pm2.ts'
import { temporaryFolder } from '../helpers/repository.ts'
import { sourceAtWork } from '../helpers/source-round-trip.ts'

afterEach(() => vi.unstubAllEnvs())

const at = (options: Record<string, unknown> = {}, root = temporaryFolder()) =>
  sourceAtWork({ source: environment as never, options, root, name: 'environment' })

async function written(options: Record<string, unknown> = {}) {
  const work = at(options)
  const { parts, leftOut } = await work.capture()
  const text = readFileSync(join(work.stage, 'environment.json'), 'utf8')
  return { work, part: parts[0], leftOut, text, found: JSON.parse(text) as Record<string, unknown> }
}

/** A `pm2` that prints what is given, with a daemon that seems to run. */
function fakePm2(script: string): void {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'home'))
  writeFileSync(join(folder, 'home', 'pm2.pid'), String(process.pid))
  writeFileSync(join(folder, 'home', 'rpc.sock'), '')
  writeFileSync(join(folder, 'pm2'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, 'pm2'), 0o755)
  vi.stubEnv('PM2_HOME', join(folder, 'home'))
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH']}`)
}

describe('the environment of a backup', () => {
  test('names Node, npm, the system and the tools that are there', async () => {
    vi.stubEnv('PM2_HOME', temporaryFolder())
    const { found, work, part, leftOut } = await written()
    expect(found).toMatchObject({
      schema: 1,
      node: expect.stringMatching(/^v\d+\./),
      npm: expect.stringMatching(/^\d+\./),
      os: { platform: process.platform, arch: process.arch },
      tools: { git: expect.stringMatching(/^git version 2/) },
      pm2: null,
      variables: {},
    })
    expect(leftOut).toEqual([])
    if (part === undefined) throw new Error('no part')
    expect(await work.readable(part)).toEqual({ counts: {} })
  })

  test('records the variables it is told to, unset ones as nothing, passwords in them masked', async () => {
    vi.stubEnv('REGION', 'eu-central')
    vi.stubEnv('UPSTREAM', 'https://ana:hunter22@mosaic.example/api')
    const { found } = await written({ variables: ['REGION', 'UPSTREAM', 'NOT_THERE'] })
    expect(found['variables']).toEqual({
      REGION: 'eu-central',
      UPSTREAM: 'https://***@mosaic.example/api',
      NOT_THERE: null,
    })
  })

  test('fault 67: refuses to be told of a secret, and says so', () => {
    for (const name of ['API_TOKEN', 'DATABASE_URL', 'DB_PASSWORD'])
      expect(() => environment.options.parse({ variables: [name] })).toThrow(/secret/)
  })

  test('that is no longer JSON, or of something else, does not open', async () => {
    const { work, part } = await written()
    if (part === undefined) throw new Error('no part')
    for (const text of ['{"schema": 1, "no', '[]', '{"name": "mosaic"}']) {
      writeFileSync(join(work.stage, 'environment.json'), text)
      await expect(work.readable(part)).rejects.toThrow(/not the description/)
    }
  })

  test('is part of folders that explain themselves, and of nothing else', () => {
    const context = { id: 'c', name: 'environment', stage: '/nowhere', commit: null, at: '', last: null }
    const made = (kind: 'release' | 'full') => environment.capture(environment.options.parse({}), { ...context, kind })
    expect(made('release')).not.toBeNull()
    expect(made('full')).toBeNull()
  })
})

describe('the processes of PM2', () => {
  const recorded = readFileSync(new URL('../fixtures/pm2-jlist.txt', import.meta.url), 'utf8')

  test('are read from behind its banner, and nothing but four fields of each', () => {
    expect(recorded).toContain('Runtime Edition')
    expect(processesIn(recorded, 1_795_245_498_196)).toEqual([
      { name: 'api', state: 'online', restarts: 0, uptimeSeconds: 60 },
      { name: 'worker', state: 'stopped', restarts: 3, uptimeSeconds: null },
    ])
    expect(processesIn('[PM2][ERROR] Permission denied\n')).toBeNull()
    expect(processesIn('[]')).toEqual([])
  })

  test('are unknown, and said to be, when PM2 does not answer; that fails a backup only where they were asked for', async () => {
    fakePm2('echo broken >&2; exit 1')
    const { found, leftOut } = await written()
    expect(found['pm2']).toBeNull()
    expect(leftOut).toEqual([expect.stringMatching(/^the PM2 processes: pm2 jlist ended with code 1/)])
    await expect(at({ pm2: true }).capture()).rejects.toThrow(/ended with code 1/)
  })

  test('are not asked for where no daemon runs: asking would start one', async () => {
    fakePm2('touch "$PM2_HOME/asked"; echo "[]"')
    writeFileSync(join(process.env['PM2_HOME'] ?? '', 'pm2.pid'), '')
    expect((await written()).found['pm2']).toBeNull()
    expect(existsSync(join(process.env['PM2_HOME'] ?? '', 'asked'))).toBe(false)
    await expect(at({ pm2: true }).capture()).rejects.toThrow(/not running/)
    const place = { root: '/', git: { remote: 'origin', branch: 'main' } }
    expect(await environment.doctor(environment.options.parse({ pm2: true }), place)).toMatchObject([
      { ok: false, fix: expect.stringContaining('pm2') },
    ])
  })
})

describe('a PM2 that runs', () => {
  const folder = temporaryFolder()
  let pm2: Pm2 | string = ''

  beforeAll(() => {
    pm2 = realPm2(folder)
    if (typeof pm2 === 'string') return
    writeFileSync(join(folder, 'api.js'), 'setInterval(() => {}, 1000)\n')
    vi.stubEnv('CANARY_TOKEN', 'canary-of-a-process')
    pm2.run('start', join(folder, 'api.js'), '--name', 'api')
  })
  afterAll(() => {
    if (typeof pm2 !== 'string') pm2.end()
    rmSync(folder, { recursive: true, force: true })
  })

  test('fault 67: is recorded by name, state, restarts and uptime, and no variable of its processes is', async (context) => {
    // Seen, but never a failure: a registry that does not answer is no fault of the program.
    if (typeof pm2 === 'string') return context.skip(pm2)
    expect(pm2.run('jlist')).toContain('canary-of-a-process')
    for (const [name, value] of Object.entries(pm2.env)) vi.stubEnv(name, value)
    const { found, text } = await written({ pm2: true })
    expect(found['pm2']).toEqual([
      { name: 'api', state: 'online', restarts: 0, uptimeSeconds: expect.any(Number) as number },
    ])
    expect(text).not.toContain('canary')
  })
})

import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BackupKind, Part } from '../../src/core/backup.ts'
import type { Json } from '../../src/core/json.ts'
import { KINDS } from '../../src/core/kinds.ts'
import type { Action, Call, Step } from '../../src/core/plan.ts'
import type { RestoreSteps, RestoreTo, Source } from '../../src/core/plug-in.ts'
import { sources } from '../../src/sources/registry.ts'
import { keptBySources, minimalSources } from '../helpers/minimal.ts'
import { temporaryFolder } from '../helpers/temp.ts'

const STAGE = '/backups/.knowngood-x.partial'
const RUN = 'restore-20261121_120000Z-a1b2'
const AT = '2026-11-21T12:00:00.000Z'
const CANARY = 'postgres://ana:canary-5f2e@db.invalid:1/app'
const FORGET = 'forget.data'
const IDS = { beside: 'beside.data', swap: 'swap.data', drop: 'drop.data' }

beforeAll(() => {
  process.env['KNOWNGOOD_TEST_NO_SUCH_URL'] = CANARY
})
afterAll(() => {
  delete process.env['KNOWNGOOD_TEST_NO_SUCH_URL']
})

const rows = Object.entries(sources).map(([use, source]) => ({
  use: use as keyof typeof sources,
  source: source as Source,
}))

describe.each(rows)('source $use', ({ use, source }) => {
  const options = source.options.parse(minimalSources[use])
  const captureFor = (kind: BackupKind, last: Part[] | null = null) =>
    source.capture(options, {
      id: 'capture.data',
      name: 'data',
      stage: STAGE,
      kind,
      commit: 'c'.repeat(40),
      at: AT,
      last,
    })
  const captures = (Object.keys(KINDS) as BackupKind[]).flatMap((kind) => {
    const step = captureFor(kind)
    return step === null ? [] : [step]
  })
  const paths = [...new Set(captures.flatMap(pathsOf))]
  const parts = paths.map(partAt)
  const restored = (to: RestoreTo, of = parts): RestoreSteps | null => {
    const stored = of.map((part) => ({ part, file: join('/backups/set', part.path) }))
    return source.restore(options, { ids: IDS, name: 'data', parts: stored, to, run: RUN, at: AT })
  }
  const live = restored({ live: true })
  const beside = restored({ live: false, dir: '/scratch', urlFrom: null })
  const kept = keptBySources[use]
  const back = kept === undefined ? [] : [source.back(options, { id: 'back.data', name: 'data', run: RUN, kept })]
  const forgets =
    kept === undefined ? [] : [source.forget?.(options, { id: FORGET, name: 'data', run: RUN, kept }) ?? []]
  const reads = parts.map((part) =>
    source.readable(options, {
      id: 'readable.data',
      name: 'data',
      run: RUN,
      part,
      file: join('/backups/set', part.path),
    }),
  )
  const steps = [
    ...captures,
    ...reads,
    ...[live, beside].flatMap((one) => (one === null ? [] : [one.beside, one.drop, ...(one.swap ? [one.swap] : [])])),
    ...back,
    ...forgets.flat().map((one) => one.step),
  ]

  test('captures for at least one kind, below the stage, and gives what the backup is made of', () => {
    expect(captures).not.toEqual([])
    for (const step of captures) {
      expect(step).toMatchObject({ id: 'capture.data', effect: 'local', stop: 'anytime', onFail: 'undo' })
      expect(step.gives).toEqual(expect.arrayContaining(['parts', 'leftOut', 'doubts']))
    }
    for (const path of paths) expect([isAbsolute(path), path.split('/').includes('..')]).toEqual([false, false])
  })

  test('expects of a capture what the last one was', () => {
    const last = parts.map((part) => ({ ...part, bytes: 1000 }))
    const expected = captures.length === 0 ? undefined : captureFor('set', last)?.expect?.bytes
    expect(expected).toBe(last.length * 1000)
  })

  test('says everything as data that survives the journal, the same for the same request', () => {
    expect(JSON.parse(JSON.stringify(steps))).toEqual(steps)
    expect(captureFor('set')).toEqual(captureFor('set'))
    expect(restored({ live: true })).toEqual(live)
  })

  test('names only calls it has, each with a sentence, and the work with its standard tools', () => {
    for (const step of steps) {
      for (const call of callsOf(step)) {
        expect(Object.keys(source.calls)).toContain(call.name)
        expect(call.says).not.toBe('')
      }
      const work = [...step.actions, ...(step.undo ?? [])].filter((action) => action.do === 'call')
      expect(work.filter((call) => call.byHand.length === 0).map(({ name }) => name)).toEqual([])
    }
  })

  test('can always be asked what is there, and undoes what it does', () => {
    const changing = steps.filter(({ effect }) => effect !== 'read')
    expect(changing.filter(({ probe }) => probe === undefined)).toEqual([])
    // Removing a copy of ours needs no way back, and what is forgotten has none.
    const undone = changing.filter(({ id }) => id !== IDS.drop && id !== FORGET)
    expect(undone.filter(({ undo }) => undo === undefined || undo.length === 0)).toEqual([])
    for (const step of reads) expect([step.effect, step.undo]).toEqual(['read', undefined])
  })

  test('puts back beside first, and swaps only where it stands', () => {
    for (const steps_ of [live, beside]) {
      expect(steps_?.beside.id ?? IDS.beside).toBe(IDS.beside)
      expect(steps_?.beside.gives ?? ['counts', 'place']).toEqual(expect.arrayContaining(['counts', 'place']))
      expect(steps_?.drop.id ?? IDS.drop).toBe(IDS.drop)
    }
    expect(beside?.swap ?? null).toBeNull()
    // What is swapped in can be put back, and the other way round.
    expect((live?.swap ?? null) !== null).toBe(kept !== undefined)
    const swaps = [...(live?.swap ? [live.swap] : []), ...back]
    for (const swap of swaps) {
      expect(swap).toMatchObject({ effect: 'destroys', stop: 'before', onFail: 'undo', gives: ['kept'] })
      expect(swap.capture).toBeDefined()
    }
  })

  test('calls every temporary of a restore by its run', () => {
    const places = (live?.beside.actions ?? []).map((action) => JSON.stringify(action))
    expect(places.filter((place) => !/a1b2/.test(place))).toEqual([])
  })

  test('holds no value of a variable', () => {
    const said = JSON.stringify([steps, parts.map((part) => source.manual(options, part))])
    expect(said).not.toContain('canary')
  })

  test('tells for every part that comes back how it does without Knowngood', () => {
    const back_ = live ?? beside
    const lines = parts.flatMap((part) => source.manual(options, part))
    expect(lines.length > 0 || back_ === null).toBe(true)
    for (const line of lines) expect(line).not.toMatch(/\p{Cc}/u)
  })

  test('hands hostile paths to a shell as words, never as code', () => {
    const folder = temporaryFolder()
    for (const part of parts) {
      const slash = part.path.lastIndexOf('/') + 1
      const odd = { ...part, path: `${part.path.slice(0, slash)}$(>pwn)\`>pwn\`';>pwn;'${part.path.slice(slash)}` }
      for (const line of source.manual(options, odd))
        spawnSync('/bin/sh', ['-c', line], { cwd: folder, env: { PATH: '/nonexistent' } })
    }
    expect(readdirSync(folder)).not.toContain('pwn')
  })
})

function partAt(path: string): Part {
  return { source: 'data', use: 'any', path, bytes: 1, sha256: '0'.repeat(64), unsettled: [] }
}

function pathsOf(step: Step): string[] {
  return step.actions.flatMap((action) => {
    const input: Json = action.do === 'call' ? action.input : null
    const given = input !== null && typeof input === 'object' && 'paths' in input ? input.paths : []
    return Array.isArray(given) ? given.map(String) : []
  })
}

function callsOf(step: Step): Call[] {
  const actions: (Action | undefined)[] = [...step.actions, ...(step.undo ?? []), step.capture, step.probe]
  return actions.filter((action) => action?.do === 'call')
}

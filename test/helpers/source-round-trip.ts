import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Part } from '../../src/core/backup.ts'
import type { Json, JsonRecord } from '../../src/core/json.ts'
import type { Io, Seen, Step } from '../../src/core/plan.ts'
import type { RestoreTo, Source } from '../../src/core/plug-in.ts'
import { act, call } from '../../src/run/act.ts'
import { probeStep } from '../../src/run/probe.ts'
import { testIo } from './io.ts'

/** Steps of a source, run as the runner runs them: what was there before is journalled as JSON, and outputs are looked up. */
export function stepRunner(source: Pick<Source, 'calls'>, io: Io) {
  const gives: Record<string, JsonRecord> = {}
  const was: Record<string, Json> = {}
  const scope = (id: string, lenient = false) => ({ gives, run: {}, was: was[id] ?? null, lenient })

  const probe = async (step: Step): Promise<Seen> => {
    const record = { was: was[step.id] ?? null, gives: gives[step.id] ?? {} }
    return probeStep(step, record as never, { gives, run: {} }, io, source.calls, 0)
  }
  return {
    gives,
    was,
    probe,
    /** What a step finds before it acts; journalled before it does. */
    capture: async (step: Step) => {
      delete gives[step.id]
      delete was[step.id]
      if (step.capture) was[step.id] = plain(await call(step.capture, scope(step.id), io, source.calls))
    },
    /** The actions alone, as after `capture`. */
    act: async (step: Step) => {
      const given: Record<string, Json> = {}
      for (const action of step.actions) Object.assign(given, await act(action, scope(step.id), io, source.calls))
      gives[step.id] = plain(given)
      expect(Object.keys(given)).toEqual(expect.arrayContaining(step.gives))
      return gives[step.id] ?? {}
    },
    async run(step: Step) {
      await this.capture(step)
      if (step.probe) expect(await probe(step), `${step.id} before`).toMatchObject({ state: 'absent' })
      const given = await this.act(step)
      if (step.probe) expect(await probe(step), `${step.id} after`).toMatchObject({ state: 'done' })
      return given
    },
    undo: async (step: Step) => {
      for (const action of step.undo ?? []) await act(action, scope(step.id, true), io, source.calls)
    },
  }
}

function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value))
}

type Told = { source: Source<never>; options: Record<string, unknown>; root: string; name?: string; io?: Io }

/** One source at work in `root`: makes its steps, and runs them. */
export function sourceAtWork({ source, options, root, name = 'data', io = testIo(root) }: Told) {
  const parsed = source.options.parse(options)
  const runner = stepRunner(source, io)
  const stage = join(root, 'stage')
  mkdirSync(stage, { recursive: true })
  const { run } = io
  let runs = 1
  const at = '2026-11-21T12:00:00.000Z'

  const captureStep = (last: readonly Part[] | null = null) =>
    source.capture(parsed, { id: 'capture.data', name, stage, kind: 'set', commit: null, at, last })
  const stored = (parts: readonly Part[]) => parts.map((part) => ({ part, file: join(stage, part.path) }))
  const restoreSteps = (parts: readonly Part[], to: RestoreTo = { live: true }, more: { run?: string } = {}) => {
    const ids = { beside: 'beside.data', swap: 'swap.data', drop: 'drop.data' }
    return source.restore(parsed, { ids, name, parts: stored(parts), to, run, at, ...more })
  }
  return {
    ...runner,
    stage,
    captureStep,
    restoreSteps,
    run: async (step: Step) => runner.run(step),
    /** What a step finds before it acts, as the runner journals it. */
    look: async (step: Step) => runner.capture(step),
    capture: async (last: readonly Part[] | null = null) => {
      const step = captureStep(last)
      if (step === null) throw new Error('nothing to capture')
      const given = await runner.run(step)
      return given as unknown as { parts: Part[]; leftOut: string[]; doubts: string[] }
    },
    readable: async (part: Part) => {
      const file = join(stage, part.path)
      return runner.run(source.readable(parsed, { id: 'readable.data', name, run, part, file }))
    },
    /** Beside, then swapped in; gives what the swap kept. */
    restore: async (parts: readonly Part[]) => {
      const steps = restoreSteps(parts)
      if (steps === null || steps.swap === null) throw new Error('it is not put back')
      await runner.run(steps.beside)
      const { kept } = await runner.run(steps.swap)
      // After a swap by renaming there is nothing left to remove.
      await runner.act(steps.drop)
      expect(await runner.probe(steps.drop)).toMatchObject({ state: 'done' })
      return kept ?? null
    },
    /** Removes what the last swap kept; what goes by the name of another run is left. */
    forget: async (kept: Json) => {
      const context = { id: 'forget.data', name, kept }
      const made = source.forget?.(parsed, { ...context, run: `${run}${runs}` })
      const strange = source.forget?.(parsed, { ...context, run: `${run}-another` })
      if (!made || !strange) return
      await expect(runner.act(strange.step)).rejects.toThrow(/left as it is/)
      await runner.run(made.step)
    },
    back: async (kept: Json) => {
      const given = await runner.run(source.back(parsed, { id: 'back.data', name, run: `${run}${(runs += 1)}`, kept }))
      return given['kept'] ?? null
    },
  }
}

/**
 * The round trip every source keeps: captured, opened, changed, restored beside, counted, swapped in, and put back.
 * `read` says what is live; `change` makes it something else.
 */
export async function roundTrip(told: Told, read: () => unknown, change: () => unknown): Promise<void> {
  const at = sourceAtWork(told)
  const before = await read()
  const { parts } = await at.capture()
  expect(parts).not.toEqual([])
  for (const part of parts) expect(await at.readable(part)).toMatchObject(part.counts ? { counts: part.counts } : {})
  await change()
  const changed = await read()
  expect(changed).not.toEqual(before)
  const kept = await at.restore(parts)
  expect(await read()).toEqual(before)
  const kept2 = await at.back(kept)
  expect(await read()).toEqual(changed)
  const kept3 = await at.back(kept2)
  expect(await read()).toEqual(before)
  await at.forget(kept3)
  expect(await read()).toEqual(before)
}

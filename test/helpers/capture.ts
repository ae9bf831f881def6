import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Part } from '../../src/core/backup.ts'
import type { Action, CallRegistry, Io, Step } from '../../src/core/plan.ts'
import type { CaptureContext, StoredPart } from '../../src/core/plug-in.ts'
import type { Json, JsonRecord } from '../../src/core/json.ts'
import { resolveJson } from '../../src/run/resolve.ts'

/** What a capture into `<folder>/stage` is asked for. */
export function capturing(folder: string, name: string, more: Partial<CaptureContext> = {}): CaptureContext {
  const stage = join(folder, 'stage')
  mkdirSync(stage, { recursive: true, mode: 0o700 })
  return {
    id: `capture.${name}`,
    name,
    stage,
    kind: 'set',
    commit: null,
    at: '2026-11-21T12:00:00.000Z',
    last: null,
    ...more,
  }
}

/** Acts as the runner does: looks first, then makes the step's calls; `gives` holds what earlier steps gave. */
export async function perform(
  step: Step | null,
  calls: CallRegistry,
  io: Io,
  gives: Record<string, JsonRecord> = {},
): Promise<{ gives: JsonRecord; was: Json }> {
  if (step === null) throw new Error('there is no step')
  const was = step.capture === undefined ? null : await make(step.capture, calls, io, gives, null)
  const given: Record<string, Json> = {}
  for (const action of step.actions) Object.assign(given, await make(action, calls, io, gives, was))
  return { gives: given, was }
}

/** What the step's probe sees, given what the step gave. */
export async function probed(step: Step | null, calls: CallRegistry, io: Io, gives: JsonRecord = {}, was: Json = null) {
  if (step?.probe === undefined) throw new Error('there is no probe')
  return await make(step.probe, calls, io, { [step.id]: gives }, was)
}

/** Puts a step back. */
export async function undone(step: Step | null, calls: CallRegistry, io: Io, gives: JsonRecord = {}, was: Json = null) {
  for (const action of step?.undo ?? []) await make(action, calls, io, { [step?.id ?? '']: gives }, was)
}

/** Parts as a restore is handed them. */
export function stored(stage: string, gives: JsonRecord): StoredPart[] {
  return (gives['parts'] as unknown as Part[]).map((part) => ({ part, file: join(stage, part.path) }))
}

async function make(action: Action, calls: CallRegistry, io: Io, gives: Record<string, JsonRecord>, was: Json) {
  if (action.do !== 'call') throw new Error(`a source's work is a call, not ${action.do}`)
  const known = calls[action.name]
  if (known === undefined) throw new Error(`no call is named ${action.name}`)
  // As the journal keeps it.
  const input: unknown = JSON.parse(JSON.stringify(action.input))
  return await known(resolveJson(input as Json, { gives, run: {}, was, lenient: true }) as never, io)
}

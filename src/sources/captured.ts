import { chmod, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { sha256File } from '../archive/checksum.ts'
import { size as inWords } from '../core/age.ts'
import type { Part } from '../core/backup.ts'
import { StepFailed } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'
import type { Arg, Call, Io, Step } from '../core/plan.ts'
import type { CaptureContext } from '../core/plug-in.ts'
import { call, step } from '../core/step.ts'
import { exists, makeFolder, syncFolder } from '../world/files.ts'

/** What of a part is not read from its file. */
type About = Pick<Part, 'source' | 'use'> & Partial<Pick<Part, 'counts' | 'schema' | 'unsettled'>>

type Captured = { stage: string; paths: string[] }

/**
 * The step of a capture: `<use>.capture` with this input, the probe and the undo that every capture has. `paths` are
 * all it may write, relative to the stage; the calls come from `captureCalls`.
 */
export function captureStep(
  use: string,
  context: CaptureContext,
  what: { title: string; detail?: string; paths: string[]; input: JsonRecord; says: string; byHand: Arg[][] },
): Step {
  const { id, name, stage, last } = context
  const files = { stage, paths: what.paths }
  const input = { ...what.input, ...files, name, last: last === null ? null : [...last] }
  const look = what.paths.map((path) => ['sha256sum', join(stage, path)])
  const bytes = last?.reduce((sum, part) => sum + part.bytes, 0)
  return step(id, what.title, [call(`${use}.capture`, input, what.says, what.byHand)], {
    ...(what.detail === undefined ? {} : { detail: what.detail }),
    effect: 'local',
    gives: ['parts', 'leftOut', 'doubts'],
    probe: probeOf(use, id, files, look),
    undo: [
      call(`${use}.uncapture`, files, 'remove what was written', [
        ['rm', '-f', ...what.paths.map((path) => join(stage, path))],
      ]),
    ],
    stop: 'anytime',
    ...(bytes === undefined ? {} : { expect: { bytes } }),
  })
}

function probeOf(use: string, id: string, files: Captured, byHand: Arg[][]): Call {
  return call(
    `${use}.captured`,
    { ...files, given: { $: `${id}.parts` } },
    'whether what was captured is whole',
    byHand,
  )
}

/** The probe and the undo of `captureStep`, to be listed among a source's calls under its own name. */
export const captureCalls = {
  captured: async ({ stage, paths, given }: Captured & { given: Part[] | null }, io: Io): Promise<JsonRecord> => {
    const files = paths.flatMap((path) => [join(stage, path), unfinished(join(stage, path))])
    const there = await Promise.all(files.map(exists))
    if (!there.includes(true)) return { state: 'absent', saw: null }
    const whole = given !== null && given.length > 0 && (await allWhole(stage, given, io))
    return { state: whole ? 'done' : 'partial', saw: { files: there.filter(Boolean).length, whole } }
  },

  uncapture: async ({ stage, paths }: Captured): Promise<JsonRecord> => {
    for (const path of paths) await dropPart(stage, path)
    return {}
  },
}

/** Where a file of a capture is written until it is whole. The stage is the run's alone, so the name may be foreseen. */
export function unfinished(file: string): string {
  return `${file}.part`
}

/** Makes the folder of a part and clears what an earlier attempt left; gives the path to write to, to which nothing stands yet. */
export async function beginPart(stage: string, path: string): Promise<string> {
  await makeFolder(dirname(join(stage, path)))
  await dropPart(stage, path)
  return unfinished(join(stage, path))
}

/**
 * Syncs what was written, gives it its name in the stage and reads it again for its hash. Throws a StepFailed when it
 * is empty: no source has nothing to say.
 */
export async function finishPart(io: Io, stage: string, path: string, about: About): Promise<Part> {
  const file = join(stage, path)
  const handle = await open(unfinished(file), 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
  await chmod(unfinished(file), 0o600)
  await rename(unfinished(file), file)
  await syncFolder(dirname(file))
  const { size } = await stat(file)
  if (size === 0) throw new StepFailed(about.source, `${path} came out empty`)
  const sha256 = await sha256File(file, (done, total) => io.bytes(done, total), io.signal)
  const { source, use, counts, schema, unsettled = [] } = about
  return {
    source,
    use,
    path,
    bytes: size,
    sha256,
    ...(counts === undefined ? {} : { counts }),
    ...(schema === undefined ? {} : { schema }),
    unsettled,
  }
}

/** The same part in the last backup. Kinds that give files names of their own keep no path, but then there is one file. */
export function lastOf(part: Part, last: readonly Part[] | null): Part | undefined {
  return last?.find((one) => one.path === part.path) ?? (last?.length === 1 ? last[0] : undefined)
}

/** A part that has shrunk to less than half of what it was, in words; null when it has not. */
export function shrunk(part: Part, last: readonly Part[] | null): string | null {
  const before = lastOf(part, last)
  if (before === undefined || part.bytes * 2 >= before.bytes) return null
  return `${part.path} is less than half the size of the last one (${inWords(before.bytes)} → ${inWords(part.bytes)})`
}

async function dropPart(stage: string, path: string): Promise<void> {
  for (const file of [join(stage, path), unfinished(join(stage, path))]) await rm(file, { force: true })
}

async function allWhole(stage: string, given: readonly Part[], io: Io): Promise<boolean> {
  for (const part of given) {
    const found = await stat(join(stage, part.path)).catch(() => null)
    if (found?.size !== part.bytes) return false
    if ((await sha256File(join(stage, part.path), undefined, io.signal)) !== part.sha256) return false
  }
  return true
}

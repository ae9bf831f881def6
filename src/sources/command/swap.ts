import { rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { sha256File } from '../../archive/checksum.ts'
import { StepFailed } from '../../core/failure.ts'
import type { Json, JsonRecord } from '../../core/json.ts'
import { statePaths } from '../../core/paths.ts'
import type { CallRegistry, Io } from '../../core/plan.ts'
import { exists, syncFolder, writeWhole } from '../../world/files.ts'
import { captureTo, runCommand, type Command } from './run.ts'

/** What a swap took out: a capture that was made first. */
export type Kept = { file: string; sha256: string }
/** `place`: what the restore command is given. */
export type Swap = { name: string; capture: Command; restore: Command; run: string; place: string; file: string }
type Swapped = Swap & { was: Kept | null; given: Json }

/**
 * How far a foreign command has come nobody can look up. So a mark is written before it begins and another one after it
 * ended: between the two it is half done, and what was kept is restored first.
 */
export const swapCalls = {
  'command.keep': async ({ name, capture, run, file }: Swap, io: Io): Promise<Kept> => {
    const kept = join(statePaths(io.root).undo(run), file)
    const work = join(statePaths(io.root).undo(run), `.${name}.work`)
    await captureTo(name, capture, join(work, file), io)
    // Over what an attempt of this run may have left that was killed before it was journalled.
    await rename(join(work, file), kept)
    await syncFolder(statePaths(io.root).undo(run))
    await rm(work, { recursive: true, force: true })
    return { file: kept, sha256: await sha256File(kept, undefined, io.signal) }
  },

  'command.swap': async ({ name, restore, run, place, was }: Swapped, io: Io) => {
    const mark = markOf(io, run, name)
    await writeWhole(`${mark}.begun`, '')
    await runCommand(restore, '{in}', resolve(io.root, place), io)
    await rename(`${mark}.begun`, `${mark}.ended`)
    await syncFolder(statePaths(io.root).undo(run))
    return { kept: was }
  },

  'command.swapped': async ({ name, run, was, given }: Swapped, io: Io): Promise<JsonRecord> => {
    const mark = markOf(io, run, name)
    const [begun, ended] = await Promise.all([exists(`${mark}.begun`), exists(`${mark}.ended`)])
    const done = ended || (given !== null && !begun)
    const state = begun ? 'partial' : done ? 'done' : 'absent'
    return { state, saw: { begun, ended }, ...(done ? { gives: { kept: was } } : {}) }
  },

  'command.unswap': async ({ name, restore, run, was, given }: Swapped, io: Io) => {
    const mark = markOf(io, run, name)
    const touched = (await exists(`${mark}.begun`)) || (await exists(`${mark}.ended`)) || given !== null
    if (!touched) return {}
    if (was === null) throw new StepFailed(name, 'nothing was kept to put back')
    if ((await sha256File(was.file, undefined, io.signal)) !== was.sha256)
      throw new StepFailed(name, `${was.file} is not what was kept`)
    await runCommand(restore, '{in}', was.file, io)
    await rm(`${mark}.begun`, { force: true })
    await rm(`${mark}.ended`, { force: true })
    return {}
  },
} satisfies CallRegistry

function markOf(io: Io, run: string, name: string): string {
  return join(statePaths(io.root).undo(run), `${name}.swap`)
}

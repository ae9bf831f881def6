import { rename, rm } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Part } from '../../core/backup.ts'
import type { CallRegistry, Io } from '../../core/plan.ts'
import { dropPlace, lookFree, mustBeFree, putCopy, seenCopy, seenGone } from '../beside.ts'
import { beginPart, captureCalls, finishPart, shrunk, unfinished } from '../captured.ts'
import { captureTo, mustBeWhole, runCommand, type Command } from './run.ts'
import { swapCalls } from './swap.ts'

type Capture = { name: string; command: Command; stage: string; paths: string[]; last: Part[] | null }
type Beside = {
  name: string
  check: Command | null
  file: string
  part: Part
  place: string
  was: { free: boolean } | null
}

/** What the steps of the command source name. */
export const commandSourceCalls = {
  'command.capture': async ({ name, command, stage, paths, last }: Capture, io: Io) => {
    const to = paths[0] ?? ''
    const file = await beginPart(stage, to)
    await captureTo(name, command, join(workFolder(file), basename(to)), io)
    await rename(join(workFolder(file), basename(to)), file)
    await rm(workFolder(file), { recursive: true, force: true })
    const part = await finishPart(io, stage, to, { source: name, use: 'command' })
    const smaller = shrunk(part, last)
    return { parts: [part], leftOut: [], doubts: smaller === null ? [] : [smaller] }
  },
  'command.captured': captureCalls.captured,
  'command.uncapture': async (input: { stage: string; paths: string[] }) => {
    for (const path of input.paths)
      await rm(workFolder(unfinished(join(input.stage, path))), { recursive: true, force: true })
    return await captureCalls.uncapture(input)
  },

  'command.readable': async ({ name, check, file }: Beside, io: Io) => {
    await mustBeWhole(name, file)
    if (check !== null) await runCommand(check, '{in}', file, io)
    return {}
  },

  'command.look': async ({ place }: { place: string }, io: Io) => lookFree(resolve(io.root, place)),
  'command.beside': async ({ name, check, file, part, place, was }: Beside, io: Io) => {
    const to = resolve(io.root, place)
    mustBeFree(name, place, was)
    await putCopy(name, file, part, to, io)
    if (check !== null) await runCommand(check, '{in}', to, io)
    return { counts: {}, place }
  },
  'command.beside.seen': async ({ part, place }: Beside, io: Io) => {
    const seen = await seenCopy(resolve(io.root, place), part, io)
    return { ...seen, gives: { counts: {}, place } }
  },
  'command.drop': async ({ place, was }: { place: string; was: { free: boolean } | null }, io: Io) => {
    await dropPlace(resolve(io.root, place), was)
    return {}
  },
  'command.dropped': async ({ place }: { place: string }, io: Io) => seenGone(resolve(io.root, place)),
  ...swapCalls,
} satisfies CallRegistry

/** A folder for what a tool writes: it may look at the ending of the name it is given, and leave other files beside it. */
function workFolder(file: string): string {
  return `${file}.work`
}

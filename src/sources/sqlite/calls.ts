import { join, resolve } from 'node:path'
import type { Part } from '../../core/backup.ts'
import { messageOf, StepFailed } from '../../core/failure.ts'
import type { CallRegistry, Io } from '../../core/plan.ts'
import { dropPlace, lookFree, mustBeFree, putCopy, seenCopy, seenGone } from '../beside.ts'
import { beginPart, captureCalls, finishPart, shrunk, unfinished } from '../captured.ts'
import { emptied, mustHold } from '../counts.ts'
import type { Engine } from '../schema-revision.ts'
import { beSingleFile, copyDatabase, emptyFile, removeDatabase, withSides } from './copy.ts'
import { inspect, mustBeDatabase } from './inspect.ts'
import { swapCalls } from './swap.ts'

type Migrations = Engine | 'auto'
type Capture = {
  name: string
  path: string
  migrations: Migrations
  stage: string
  paths: string[]
  last: Part[] | null
}
type Beside = {
  name: string
  migrations: Migrations
  file: string
  part: Part
  place: string
  was: { free: boolean } | null
}

/** What the steps of the SQLite source name. */
export const sqliteCalls = {
  'sqlite.capture': async ({ name, path, migrations, stage, paths, last }: Capture, io: Io) => {
    const live = resolve(io.root, path)
    await mustBeDatabase(name, live)
    const to = paths[0] ?? ''
    const file = await beginPart(stage, to)
    await emptyFile(file)
    await copyDatabase(live, file, io).catch((error: unknown) => {
      throw error instanceof StepFailed ? error : new StepFailed(name, `${path} cannot be copied: ${messageOf(error)}`)
    })
    await beSingleFile(file)
    const { counts, schema } = await inspect(name, { file, migrations }, io.signal)
    const about = { source: name, use: 'sqlite', counts, ...(schema === null ? {} : { schema }) }
    const part = await finishPart(io, stage, to, about)
    const smaller = shrunk(part, last)
    return { parts: [part], leftOut: [], doubts: [...(smaller === null ? [] : [smaller]), ...emptied(part, last)] }
  },
  'sqlite.captured': captureCalls.captured,
  'sqlite.uncapture': async (input: { stage: string; paths: string[] }) => {
    for (const path of input.paths) await removeDatabase(unfinished(join(input.stage, path)))
    return await captureCalls.uncapture(input)
  },

  'sqlite.readable': async ({ name, migrations, file, part }: Beside, io: Io) => {
    const { counts } = await inspect(name, { file, migrations }, io.signal)
    mustHold(name, part.counts, counts)
    return { counts }
  },

  'sqlite.look': async ({ place }: { place: string }, io: Io) => lookFree(resolve(io.root, place)),
  'sqlite.beside': async ({ name, migrations, file, part, place, was }: Beside, io: Io) => {
    const to = resolve(io.root, place)
    mustBeFree(name, place, was)
    await putCopy(name, file, part, to, io)
    const { counts } = await inspect(name, { file: to, migrations }, io.signal)
    mustHold(name, part.counts, counts)
    return { counts, place }
  },
  'sqlite.beside.seen': async ({ part, place }: Beside, io: Io) => {
    const seen = await seenCopy(resolve(io.root, place), part, io)
    return { ...seen, gives: { counts: part.counts ?? {}, place } }
  },
  'sqlite.drop': async ({ place, was }: { place: string; was: { free: boolean } | null }, io: Io) => {
    for (const path of withSides(resolve(io.root, place))) await dropPlace(path, was)
    return {}
  },
  'sqlite.dropped': async ({ place }: { place: string }, io: Io) => seenGone(resolve(io.root, place)),
  ...swapCalls,
} satisfies CallRegistry

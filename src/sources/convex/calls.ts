import type { Part } from '../../core/backup.ts'
import type { CallRegistry, Io } from '../../core/plan.ts'
import { dropPlace, lookFree, mustBeFree, putCopy, seenCopy, seenGone } from '../beside.ts'
import { beginPart, captureCalls, finishPart, shrunk } from '../captured.ts'
import { emptied, mustHold } from '../counts.ts'
import { exportTo } from './cli.ts'
import type { Told } from './cli.ts'
import { readExport } from './export.ts'
import { at, liveCalls } from './live.ts'

type Free = { free: boolean } | null
type Beside = { name: string; file: string; part: Part; place: string; was: Free }

/** What the steps of the convex source name. */
export const convexCalls = {
  ...liveCalls,

  'convex.capture': async (
    input: { told: Told; stage: string; name: string; paths: string[]; last: Part[] | null },
    io: Io,
  ) => {
    const { told, stage, name, last } = input
    const [path = ''] = input.paths
    const file = await beginPart(stage, path)
    await exportTo(told, file, io)
    const { counts } = await readExport(io, file)
    const part = await finishPart(io, stage, path, { source: name, use: 'convex', counts })
    const leftOut = told.fileStorage ? [] : ['stored files: set fileStorage to take them along']
    return { parts: [part], leftOut, doubts: [shrunk(part, last) ?? [], ...emptied(part, last, 'documents')].flat() }
  },
  'convex.captured': captureCalls.captured,
  'convex.uncapture': captureCalls.uncapture,

  'convex.readable': async ({ file, part }: { file: string; part: Part }, io: Io) => {
    const { counts } = await readExport(io, file)
    mustHold(part.path, part.counts, counts)
    return { counts }
  },

  'convex.look': async ({ place }: { place: string }, io: Io) => lookFree(at(io, place)),

  'convex.beside': async ({ name, file, part, place, was }: Beside, io: Io) => {
    mustBeFree(name, at(io, place), was)
    await putCopy(name, file, part, at(io, place), io)
    const { counts, digests } = await readExport(io, at(io, place))
    mustHold(name, part.counts, counts)
    return { counts, place, content: { file: place, sha256: part.sha256, digests } }
  },

  'convex.beside-probe': async ({ part, place, was }: Omit<Beside, 'file'>, io: Io) => {
    if (was?.free !== true) return { state: 'absent', saw: null }
    const seen = await seenCopy(at(io, place), part, io)
    if (seen['state'] !== 'done') return seen
    const { counts, digests } = await readExport(io, at(io, place))
    return { ...seen, gives: { counts, place, content: { file: place, sha256: part.sha256, digests } } }
  },

  'convex.drop': async ({ place, was }: { place: string; was: Free }, io: Io) => {
    await dropPlace(at(io, place), was)
    return {}
  },
  'convex.drop-probe': async ({ place }: { place: string }, io: Io) => seenGone(at(io, place)),
} satisfies CallRegistry

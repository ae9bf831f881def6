import { rename, rm } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { sha256File } from '../../archive/checksum.ts'
import { StepFailed } from '../../core/failure.ts'
import type { CallRegistry, Io } from '../../core/plan.ts'
import { exists, makeFolder, syncFolder, temporaryBeside, writeNew } from '../../world/files.ts'
import { unfinished } from '../captured.ts'
import { exportTo, importFrom } from './cli.ts'
import type { Told } from './cli.ts'
import { readExport } from './export.ts'
import type { Tables } from './export.ts'

/** An export on disk: where it lies (relative to the root, or absolute), and what it holds. */
export type Content = { file: string; sha256: string; digests: Tables['digests'] }

/** `from` becomes live; `was` is the export made right before, at `keep`; `run` is what these names are called by. */
type Swap = { told: Told; from: Content; was: Content | null; keep: string }

/** What the CLI says when the server refused an import: then nothing was changed. */
const REFUSED = /\b(?:failed|cancell?ed)\b/i
const GOES_ON = /continuing to run/i

/** Work on production itself: the export before, the import, and looking at what it holds now. */
export const liveCalls = {
  'convex.before': async ({ told, keep }: Pick<Swap, 'told' | 'keep'>, io: Io) => await exported(told, keep, io),

  'convex.import': async ({ told, from, was, keep }: Swap, io: Io) => {
    await mustBe(told, from, io)
    await writeNew(at(io, begun(keep)), `${from.sha256}\n`)
    await importFrom(told, at(io, from.file), io).catch(async (error: unknown) => {
      const said = error instanceof StepFailed ? error.output.join('\n') : ''
      if (REFUSED.test(said) && !GOES_ON.test(said)) await rm(at(io, begun(keep)), { force: true })
      throw error
    })
    return { kept: was }
  },

  /** By exporting once more: production holds what was imported, or what stood before, or what users have written since. */
  'convex.import-probe': async ({ told, from, was, keep }: Swap, io: Io) => {
    if (was === null || !(await exists(at(io, begun(keep))))) return { state: 'absent', saw: null }
    const { digests, counts } = await live(told, io)
    const saw = { deployment: told.deployment, documents: counts }
    if (holds(digests, from, told.replace)) return { state: 'done', saw, gives: { kept: was } }
    return { state: holds(digests, was, 'all') ? 'absent' : 'foreign', saw }
  },

  /** Nothing where no import began, or none came through. What stands is exported first: users may have written since. */
  'convex.import-back': async ({ told, was, keep }: Swap, io: Io) => {
    if (was === null || !(await exists(at(io, begun(keep))))) return {}
    const undone = keep.replace(/\.zip$/, '-undone.zip')
    if (!holds((await exported(told, undone, io)).digests, was, 'all')) {
      await mustBe(told, was, io)
      await importFrom(told, at(io, was.file), io)
      io.line(`what stood until now is kept as ${undone}`)
    }
    await rm(at(io, begun(keep)), { force: true })
    return {}
  },
} satisfies CallRegistry

/** A path of a plan, which knows no root. */
export function at(io: Io, path: string): string {
  return isAbsolute(path) ? path : join(io.root, path)
}

/** Stands from the moment an import begins. */
function begun(keep: string): string {
  return `${keep}.begun`
}

/** Whether these tables are those of an export; of others only that they are empty, where everything was replaced. */
function holds(live: Tables['digests'], wanted: Content, replaced: Told['replace']): boolean {
  const same = Object.entries(wanted.digests).every(([table, digest]) => live[table] === digest)
  return (
    same &&
    (replaced === 'tables' || Object.keys(live).every((table) => table in wanted.digests || isEmpty(live[table])))
  )
}

function isEmpty(digest: string | undefined): boolean {
  return digest === undefined || /^0+$/.test(digest)
}

async function mustBe(told: Told, { file, sha256 }: Content, io: Io): Promise<void> {
  if ((await sha256File(at(io, file), undefined, io.signal)) === sha256) return
  throw new StepFailed(told.name, `${file} is not the export that was checked`)
}

async function exported(told: Told, keep: string, io: Io): Promise<Content> {
  const file = at(io, keep)
  await makeFolder(dirname(file))
  await rm(unfinished(file), { force: true })
  await exportTo(told, unfinished(file), io)
  const { digests } = await readExport(io, unfinished(file))
  await rename(unfinished(file), file)
  await syncFolder(dirname(file))
  return { file: keep, sha256: await sha256File(file, undefined, io.signal), digests }
}

async function live(told: Told, io: Io): Promise<Tables> {
  const scratch = temporaryBeside(join(io.dir, 'live'))
  await makeFolder(io.dir)
  try {
    await exportTo(told, scratch, io)
    return await readExport(io, scratch)
  } finally {
    await rm(scratch, { force: true })
  }
}

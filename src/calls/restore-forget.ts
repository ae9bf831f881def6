import { dirname } from 'node:path'
import { statePaths } from '../core/paths.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import { exists, syncFolder, writeWhole } from '../world/files.ts'
import { removeTree } from '../world/remove-tree.ts'

type Forget = { of: string }

/** The end of `restore --forget`: the folder of what a run kept, and the word that it keeps nothing any more. */
export const restoreForgetCalls = {
  'restore.forget': async ({ of }: Forget, io: Io) => {
    const paths = statePaths(io.root)
    await removeTree(paths.undo(of))
    if (await exists(dirname(paths.undo(of)))) await syncFolder(dirname(paths.undo(of)))
    await writeWhole(paths.forgotten(of), `${io.run}\n`)
    return {}
  },

  'restore.forgotten': async ({ of }: Forget, io: Io) => {
    const paths = statePaths(io.root)
    const [left, said] = [await exists(paths.undo(of)), await exists(paths.forgotten(of))]
    return { state: !left && said ? 'done' : 'absent', saw: { left, said } }
  },
} satisfies CallRegistry

import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { known } from '../core/known.ts'
import type { Source } from '../core/plug-in.ts'
import { now } from '../world/clock.ts'
import { openGit } from '../world/git.ts'

const options = z.strictObject({})

/** The repository itself: it always exists, and a backup of it is the commit that is live. */
export const git: Source<Record<string, never>> = {
  use: 'git',
  says: 'The repository itself: the commit that is live, held by a reference here and on the remote.',
  holds: 'repository',
  options,
  detect: async () => [],
  doctor: async (_, place) => {
    const shallow = await isShallow(place.root).catch(() => null)
    if (shallow === null) return [{ id: 'git.history', ok: false, says: 'this is no git repository', fix: 'git init' }]
    const says = shallow ? 'this clone is shallow: what it returns to may be missing' : 'the history is whole'
    return [{ id: 'git.history', ok: !shallow, says, fix: shallow ? 'git fetch --unshallow' : '' }]
  },
  observe: async (_, place) => ({
    schema: known(null, now().toISOString()),
    detail: { shallow: await isShallow(place.root).catch(() => null) },
  }),
  calls: {},
  capture: () => null,
  readable: () => {
    throw new Error('not made yet')
  },
  restore: () => null,
  back: () => {
    throw new Error('not made yet')
  },
  manual: () => [],
}

/** Asked of the folder where that is enough, which a worktree's is not. */
export async function isShallow(root: string): Promise<boolean> {
  const folder = await stat(join(root, '.git')).catch(() => null)
  if (folder?.isDirectory()) {
    return stat(join(root, '.git', 'shallow')).then(
      () => true,
      () => false,
    )
  }
  return (await openGit(root).raw(['rev-parse', '--is-shallow-repository'])).trim() === 'true'
}

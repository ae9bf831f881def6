import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { openGit } from './git.ts'

/** Whether this clone's history is cut short. Asked of the folder where that is enough, which a worktree's is not. */
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

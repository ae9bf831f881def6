import { dirname, join, resolve } from 'node:path'
import { held, StepFailed } from '../../core/failure.ts'
import type { CallRegistry, Io } from '../../core/plan.ts'
import { exists, readText, syncFolder } from '../../world/files.ts'
import { removeTree } from '../../world/remove-tree.ts'
import { named } from './named.ts'
import { plainPath } from './tree.ts'

type Forget = { name: string; run: string; items: { path: string; old: string }[] }

/** Removing what a swap kept beside its path; links in it are removed, never followed. */
export const forgetCalls = {
  'files.forget': async ({ name, run, items }: Forget, io: Io) => {
    for (const { path, old } of items) {
      if (old !== named(path, 'before', run))
        throw new StepFailed(name, `${old} is not what ${run} kept of ${path}, and is left as it is`)
      const full = join(dirname(await plainPath(name, io.root, path)), old.slice(old.lastIndexOf('/') + 1))
      const mount = await mountBelow(full)
      if (mount !== null)
        throw held(`${old} cannot be removed`, `${mount} is mounted in it`, [`Unmount it first: umount ${mount}`])
      await removeTree(full)
      await syncFolder(dirname(full))
    }
    return {}
  },

  'files.forgotten': async ({ items }: Pick<Forget, 'items'>, io: Io) => {
    const there = await Promise.all(items.map(async ({ old }) => exists(resolve(io.root, old))))
    return { state: there.includes(true) ? 'absent' : 'done', saw: null }
  },
} satisfies CallRegistry

/** A mount point at a path or below it: what is in one is not ours to remove. Null too where the system does not list them. */
async function mountBelow(full: string): Promise<string | null> {
  const listed = (await readText('/proc/self/mountinfo').catch(() => null)) ?? ''
  const points = listed.split('\n').map((line) => unescaped(line.split(' ')[4] ?? ''))
  return points.find((point) => point === full || point.startsWith(`${full}/`)) ?? null
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}

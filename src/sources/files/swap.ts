import { mkdir, rename } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { secretFiles } from '../../archive/secret-files.ts'
import { shownPath } from '../../archive/tree-path.ts'
import { held, StepFailed } from '../../core/failure.ts'
import type { Json, JsonRecord } from '../../core/json.ts'
import type { CallRegistry, Io } from '../../core/plan.ts'
import { codeOf, copyNew, exists, syncFolder } from '../../world/files.ts'
import { openedFolder } from '../../world/opened-folder.ts'
import { giveTo, mounted, plainPath, refuseMount } from './tree.ts'

/** One path's part of a swap: `from` becomes live, what was live is kept as `old`. Paths are relative to the root. */
type Item = { path: string; from: string | null; old: string }
/** What a swap took out, path by path; `old` null: nothing stood there. */
export type Kept = { path: string; old: string | null }[]
export type Swap = {
  name: string
  items: Item[]
  /** Whether files that no archive takes (`.env` with values) stay as they are: they are copied along before the swap. */
  carry: boolean
}
type Was = { there: boolean[] }
type Swapped = Swap & { was: Was | null }

/** Directories are swapped by two renames each; what stands tells how far it came. */
export const swapCalls = {
  'files.keep': async ({ name, items }: Swap, io: Io): Promise<Was> => {
    const there: boolean[] = []
    for (const { path, from, old } of items) {
      const full = await plainPath(name, io.root, path)
      await refuseMount(path, full)
      if (await exists(resolve(io.root, old))) throw new StepFailed(name, `${old} is taken already`)
      if (from !== null && !(await exists(resolve(io.root, from))))
        throw held(`${path} stays as it is`, `${from}, which is to take its place, is gone`, [
          'Restore a backup instead.',
        ])
      there.push(await exists(full))
    }
    return { there }
  },

  'files.swap': async ({ name, items, carry, was }: Swapped, io: Io) => {
    const kept: Kept = []
    for (const [index, item] of items.entries()) {
      const there = was?.there[index] ?? false
      const stands = await whatStands(io.root, item, there)
      if (stands === 'foreign') throw foreign(name, item)
      if (stands === 'before' && there && carry) await carrySecrets(item, io)
      if (stands === 'before' && there) await move(io.root, item.path, item.old)
      if (stands !== 'done' && item.from !== null) await move(io.root, item.from, item.path)
      kept.push({ path: item.path, old: there ? item.old : null })
    }
    return { kept }
  },

  'files.swapped': async ({ items, was }: Swapped, io: Io): Promise<JsonRecord> => {
    if (was === null) return { state: 'absent', saw: null }
    const stands = await Promise.all(
      items.map(async (item, index) => whatStands(io.root, item, was.there[index] ?? false)),
    )
    const kept: Json = items.map(({ path, old }, index) => ({ path, old: was.there[index] ? old : null }))
    const all = (state: string) => stands.every((one) => one === state)
    const state = all('done') ? 'done' : all('before') ? 'absent' : stands.includes('foreign') ? 'foreign' : 'partial'
    return {
      state,
      saw: Object.fromEntries(items.map(({ path }, index) => [path, stands[index] ?? ''])),
      gives: { kept },
    }
  },

  'files.unswap': async ({ name, items, was }: Swapped, io: Io) => {
    for (const [index, item] of [...items.entries()].toReversed()) {
      const there = was?.there[index] ?? false
      const stands = await whatStands(io.root, item, there)
      if (stands === 'foreign') throw foreign(name, item)
      if (stands === 'done' && item.from !== null) await move(io.root, item.path, item.from)
      if (stands !== 'before' && there) await move(io.root, item.old, item.path)
    }
    return {}
  },
} satisfies CallRegistry

/** Secret values were left out of the archive; without them what is restored would not run. */
async function carrySecrets({ path, from }: Item, io: Io): Promise<void> {
  if (from === null) return
  const found = await secretFiles({ root: io.root, paths: [path], exclude: [], signal: io.signal })
  for (const secret of found.map(shownPath)) {
    const to = resolve(io.root, from, relative(path, secret))
    if (await exists(to)) continue
    await openedFolder(await nearestOf(dirname(to)), async () => {
      await mkdir(dirname(to), { recursive: true })
      await copyNew(resolve(io.root, secret), to, null)
    })
    await giveTo(to, resolve(io.root, secret))
    io.line(`${secret} stays as it is: no archive holds it`)
  }
}

/** The folder itself, or the one that it would be made in. */
async function nearestOf(folder: string): Promise<string> {
  return (await exists(folder)) ? folder : await nearestOf(dirname(folder))
}

type Stands = 'before' | 'midway' | 'done' | 'foreign'

/** `there`: whether something was live before the swap began. */
async function whatStands(root: string, { path, from, old }: Item, there: boolean): Promise<Stands> {
  const stand = async (one: string | null) => one !== null && (await exists(resolve(root, one)))
  const [live, fresh, kept] = await Promise.all([stand(path), stand(from), stand(old)])
  if (from === null) {
    if (!there) return live ? 'foreign' : 'done'
    return live === kept ? 'foreign' : live ? 'before' : 'done'
  }
  if (fresh && !kept && live === there) return 'before'
  if (fresh && kept && !live) return 'midway'
  return live && !fresh && kept === there ? 'done' : 'foreign'
}

function foreign(name: string, { path }: Item): StepFailed {
  return new StepFailed(name, `${path} was changed by somebody else while it was swapped; nothing more is moved`)
}

async function move(root: string, from: string, to: string): Promise<void> {
  try {
    await rename(resolve(root, from), resolve(root, to))
  } catch (error) {
    if (codeOf(error) === 'EBUSY' || codeOf(error) === 'EXDEV') throw mounted(from)
    throw error
  }
  await syncFolder(dirname(resolve(root, to)))
}

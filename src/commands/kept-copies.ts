import { resolve } from 'node:path'
import { age, size } from '../core/age.ts'
import type { KeptCopy } from '../core/deck.ts'
import type { RunSummary } from '../core/facts.ts'
import { statePaths } from '../core/paths.ts'
import type { Project } from '../core/project.ts'
import { clean } from '../core/text.ts'
import { fitOf } from '../plans/fitting.ts'
import { folderSize, sizeAt } from '../world/disk.ts'
import { RESTORES, keptBy, type KeptBy } from './restore-kept.ts'

/** The copies that restores took out and kept and nobody has removed yet, newest first. Looks at files, asks no server. */
export async function keptCopies(project: Project, runs: readonly RunSummary[]): Promise<KeptCopy[]> {
  const ended = runs.filter(({ op, state }) => state === 'ended' && RESTORES.includes(op))
  const found = await Promise.all(
    ended.map(async (run) => [run, await keptBy(project.root, run.id).catch(() => null)] as const),
  )
  const undone = new Set(found.flatMap(([{ exit }, by]) => (by?.undoes && exit === 0 ? [by.undoes] : [])))
  const copies = await Promise.all(
    found.map(async ([run, by]) => (by === null || by.forgotten ? null : copyOf(project, run, by, undone.has(run.id)))),
  )
  return copies.filter((copy) => copy !== null)
}

/** One line each, with what removes it. */
export function keptLines(copies: readonly KeptCopy[], now: Date): string[] {
  return copies.map(({ run, at, what, bytes }) => {
    const held = bytes > 0 ? `, ${size(bytes)} of files` : ''
    return `${clean(what.join(', '))} of ${age(at, now)}${held}: knowngood restore --forget ${run}`
  })
}

async function copyOf(project: Project, run: RunSummary, by: KeptBy, undone: boolean): Promise<KeptCopy | null> {
  const folder = statePaths(project.root).undo(run.id)
  const what: string[] = []
  let bytes = await folderSize(folder)
  const inside = bytes > 0
  for (const { name, use, kept } of by.kept) {
    const fit = fitOf(project, name, use)
    if (typeof fit === 'string') continue
    const forget = fit.source.forget?.(fit.options, { id: 'forget', name, run: run.id, kept }) ?? null
    if (forget === null) {
      if (inside) what.push(name)
      continue
    }
    const sizes = await Promise.all(forget.paths.map(async (path) => sizeAt(resolve(project.root, path))))
    const there = sizes.filter((one) => one !== null)
    bytes += there.reduce((sum, one) => sum + one, 0)
    // What a swap back made live again is not kept any more; a server is not asked.
    if (forget.paths.length > 0 ? there.length > 0 : !undone) what.push(...forget.names)
  }
  if (what.length === 0 && inside) what.push(folder.slice(project.root.length + 1))
  return what.length === 0 ? null : { run: run.id, at: run.endedAt ?? run.startedAt, what, bytes }
}

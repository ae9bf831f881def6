import { mkdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { weighed } from '../../archive/secret-files.ts'
import { sha256File } from '../../archive/checksum.ts'
import { extractTarGz, listTarGz } from '../../archive/tar-read.ts'
import { writeTarGz } from '../../archive/tar-write.ts'
import { shownPath } from '../../archive/tree-path.ts'
import type { Part } from '../../core/backup.ts'
import { StepFailed } from '../../core/failure.ts'
import type { CallRegistry, Io } from '../../core/plan.ts'
import { exists, syncFolder } from '../../world/files.ts'
import { moveTree } from '../../world/move-tree.ts'
import { removeTree } from '../../world/remove-tree.ts'
import { seenGone } from '../beside.ts'
import { beginPart, captureCalls, finishPart, shrunk } from '../captured.ts'
import { mustHold } from '../counts.ts'
import { forgetCalls } from './forget.ts'
import { swapCalls } from './swap.ts'
import { countTree, giveTo, holdsNoFile, plainPath, refuseMount, type Counted } from './tree.ts'

type Capture = {
  name: string
  /** An archive for each, in the order of `paths`. */
  groups: string[][]
  exclude: string[]
  /** Whether files with secret values may be taken. */
  secrets: boolean
  stage: string
  paths: string[]
  last: Part[] | null
}

/** What is unpacked where: all of an archive, or `only` one path of it. Places are relative to the root, or absolute. */
export type Unpack = { file: string; part: Part; only: string | null; place: string }
type Beside = { name: string; unpack: Unpack[]; was: { free: boolean[] } | null }

/** What the steps of the files source name. */
export const filesCalls = {
  'files.capture': async ({ name, groups, exclude, secrets, stage, paths, last }: Capture, io: Io) => {
    const made = { parts: new Array<Part>(), leftOut: new Array<string>(), doubts: new Array<string>() }
    for (const [index, to] of paths.entries()) {
      const group = groups[index] ?? []
      for (const path of group) {
        if (!(await exists(await plainPath(name, io.root, path)))) throw new StepFailed(name, `${path} is not there`)
      }
      const tree = await weighed({ root: io.root, paths: group, exclude, signal: io.signal })
      const hidden = secrets ? [] : tree.secret
      const file = await beginPart(stage, to)
      const packed = await writeTarGz({
        root: io.root,
        paths: group,
        exclude,
        without: new Set(hidden),
        to: file,
        onBytes: (done) => io.bytes(done, tree.bytes),
        signal: io.signal,
      })
      const { entries, files, unsettled, skipped } = packed
      const part = await finishPart(io, stage, to, {
        source: name,
        use: 'files',
        counts: { entries, files },
        unsettled,
      })
      made.parts.push(part)
      made.leftOut.push(...hidden.map((path) => `${shownPath(path)} holds secret values`))
      made.leftOut.push(...skipped.map((path) => `${path} is neither a file, a folder nor a link`))
      const empty = group.filter((path) => holdsNoFile(io.root, path))
      const smaller = shrunk(part, last)
      made.doubts.push(...empty.map((path) => `${path} holds no file`), ...(smaller === null ? [] : [smaller]))
    }
    return made
  },
  'files.captured': captureCalls.captured,
  'files.uncapture': captureCalls.uncapture,

  'files.readable': async ({ name, file, part }: { name: string; file: string; part: Part }, io: Io) => {
    const all = await listTarGz(file, {}, io.signal)
    const counts = { entries: all.length, files: all.filter(({ kind }) => kind !== 'folder').length }
    mustHold(name, part.counts, counts)
    return { counts }
  },

  'files.look': async ({ name, unpack }: Beside, io: Io) => {
    for (const { only } of unpack) if (only !== null) await refuseMount(only, await plainPath(name, io.root, only))
    return { free: await Promise.all(unpack.map(async ({ place }) => !(await exists(resolve(io.root, place))))) }
  },

  'files.beside': async ({ name, unpack, was }: Beside, io: Io) => {
    const taken = unpack.find((_, index) => was?.free[index] !== true)
    if (taken !== undefined) throw new StepFailed(name, `${taken.place} is taken already, and is left as it is`)
    for (const { file, part } of distinct(unpack)) {
      const same = (await sha256File(file, (done, total) => io.bytes(done, total), io.signal)) === part.sha256
      if (!same) throw new StepFailed(name, `${file} is damaged: it is not the ${part.bytes} bytes that were recorded`)
    }
    for (const one of unpack) await unpackOne(one, io)
    return { counts: await countUnpacked(name, unpack, io.root), place: unpack.map(({ place }) => place) }
  },
  'files.beside.seen': async ({ name, unpack, was }: Beside, io: Io) => {
    const there = await Promise.all(unpack.map(async ({ place }) => exists(resolve(io.root, place))))
    const began = was !== null && there.some((found, index) => found && was.free[index] === true)
    if (!began) return { state: 'absent', saw: { there } }
    const gives = async () => ({
      counts: await countUnpacked(name, unpack, io.root),
      place: unpack.map(({ place }) => place),
    })
    try {
      // Each is renamed into its place when it is whole; what is missing is made again.
      if (there.every(Boolean)) return { state: 'done', saw: { there }, gives: await gives() }
    } catch {
      // Counted below: not what was captured.
    }
    return { state: 'partial', saw: { there } }
  },
  'files.drop': async ({ unpack, was }: Beside, io: Io) => {
    for (const [index, { place }] of unpack.entries()) {
      if (was?.free[index] !== true) continue
      await removeTree(resolve(io.root, place))
      await removeTree(around(resolve(io.root, place)))
    }
    return {}
  },
  'files.dropped': async ({ unpack }: Beside, io: Io) => {
    const seen = await Promise.all(unpack.map(async ({ place }) => seenGone(resolve(io.root, place))))
    return seen.find(({ state }) => state !== 'done') ?? { state: 'done', saw: null }
  },
  ...swapCalls,
  ...forgetCalls,
} satisfies CallRegistry

/** One path of an archive is unpacked into a folder of its own first: members keep their place below it. */
async function unpackOne({ file, only, place }: Unpack, io: Io): Promise<void> {
  const to = resolve(io.root, place)
  const onBytes = (done: number, total: number) => io.bytes(done, total)
  if (only === null) {
    await mkdir(dirname(to), { recursive: true, mode: 0o700 })
    await extractTarGz(file, to, { onBytes, signal: io.signal })
    return
  }
  await removeTree(around(to))
  await extractTarGz(file, around(to), { only, onBytes, signal: io.signal })
  await giveTo(join(around(to), only), resolve(io.root, only))
  await moveTree(join(around(to), only), to)
  await removeTree(around(to))
  await syncFolder(dirname(to))
}

/** The folder one path is unpacked into before it has its place. */
function around(place: string): string {
  return join(dirname(place), `.${basename(place)}.tmp`)
}

/**
 * Counts what was unpacked of each archive, and throws a StepFailed unless it is what was captured. A whole archive may stand
 * in folders that are no members of it: there only what is in them is compared.
 */
async function countUnpacked(name: string, unpack: readonly Unpack[], root: string): Promise<Counted> {
  const sum = { entries: 0, files: 0 }
  for (const { file, part } of distinct(unpack)) {
    const own = unpack.filter((one) => one.file === file)
    const found: Counted[] = []
    for (const { only, place } of own) {
      const full = resolve(root, place)
      found.push(await (only === null ? countTree(full, ['']) : countTree(dirname(full), [basename(full)])))
    }
    const counts = { entries: total(found, 'entries'), files: total(found, 'files') }
    if (own.some(({ only }) => only === null) && part.counts !== undefined)
      counts.entries = Math.min(counts.entries, part.counts['entries'] ?? 0)
    mustHold(name, part.counts, counts)
    sum.entries += counts.entries
    sum.files += counts.files
  }
  return sum
}

function total(counted: readonly Counted[], what: keyof Counted): number {
  return counted.reduce((sum, one) => sum + one[what], 0)
}

function distinct(unpack: readonly Unpack[]): Unpack[] {
  return unpack.filter(({ file }, index) => unpack.findIndex((one) => one.file === file) === index)
}

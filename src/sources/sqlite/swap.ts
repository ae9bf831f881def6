import { chmod, chown, link, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { held, messageOf, StepFailed } from '../../core/failure.ts'
import type { Json, JsonRecord } from '../../core/json.ts'
import { statePaths } from '../../core/paths.ts'
import type { CallRegistry, Io } from '../../core/plan.ts'
import { sha256File } from '../../archive/checksum.ts'
import { exists, makeFolder, refuseSymlink, syncFolder } from '../../world/files.ts'
import { beSingleFile, contentDigest, copyDatabase, emptyFile, removeDatabase, saysBroken, withSides } from './copy.ts'
import { Damaged, inspect } from './inspect.ts'

/** What a swap took out: a copy of the live database, or the live one itself, moved aside because it could not be read. */
export type Kept = { how: 'copied' | 'moved'; file: string; sha256: string | null } | null

/**
 * `wait`: seconds for a lock to be let go. `place`: what is to be live; null: nothing is. `asIs`: it goes back by its name and unread, because it was moved aside
 * unread. `stamp` tells whether the live one was written since it was kept. `given`: what the swap gave, once it had ended.
 */
export type Swap = { name: string; path: string; wait: number; run: string; place: string | null; asIs: boolean }
type Was = { how: 'none' | 'copied' | 'moved'; file: string; sha256: string | null; stamp: string }
type Swapped = Swap & { was: Was | null; given: Json }

export const swapCalls = {
  'sqlite.keep': async (input: Swap, io: Io): Promise<Was> => keep(input, io),

  'sqlite.swap': async (input: Swapped, io: Io) => {
    const live = resolve(io.root, input.path)
    if (input.was === null) throw new Error('nothing was kept')
    const was =
      input.was.how === 'copied' && (await stampOf(live)) !== input.was.stamp ? await keep(input, io) : input.was
    if (was.how === 'moved') await moveAside(live, was.file)
    if (input.place !== null) await makeLive(live, resolve(io.root, input.place), was, input, io)
    const kept: Kept = was.how === 'none' ? null : { how: was.how, file: was.file, sha256: was.sha256 }
    return { kept }
  },

  'sqlite.swapped': async (input: Swapped, io: Io): Promise<JsonRecord> => {
    const { was, given } = input
    if (was === null) return { state: 'absent', saw: null }
    const state = await whatStands(input, was, io)
    // Written since it became live: the journal knows that the swap had ended.
    const ended = given !== null && state === 'foreign'
    return { state: ended ? 'done' : state, saw: { kept: was.how, written: state === 'foreign' } }
  },

  'sqlite.unswap': async (input: Swapped, io: Io) => {
    const { was } = input
    const live = resolve(io.root, input.path)
    if (was === null) return {}
    const state = await whatStands(input, was, io)
    // Old data that was written meanwhile are still the old data: only what the swap put there is taken away.
    if (state === 'absent' || (state === 'foreign' && input.given === null)) return {}
    if (input.asIs && input.place !== null) await moveAside(live, resolve(io.root, input.place))
    if (was.how === 'copied') await putBack(live, was, input.wait, io)
    else if (state !== 'partial') await removeDatabase(live)
    if (was.how === 'moved') await moveAside(was.file, live)
    return {}
  },

  'sqlite.forget': async (
    { name, path, file, run }: { name: string; path: string; file: string; run: string },
    io: Io,
  ) => {
    if (file !== `${resolve(io.root, path)}.before-${run}`)
      throw new StepFailed(name, `${file} is not what ${run} moved aside, and is left as it is`)
    await removeDatabase(file)
    await syncFolder(dirname(file))
    return {}
  },
} satisfies CallRegistry

/** Decides what becomes of the live database, and copies it where it can be read. */
async function keep({ name, path, run, place }: Swap, io: Io): Promise<Was> {
  const live = resolve(io.root, path)
  await refuseSymlink(live).catch((error: unknown) => {
    throw new StepFailed(name, messageOf(error))
  })
  if (place !== null && !(await exists(resolve(io.root, place))))
    throw held(`${path} stays as it is`, `${place}, which is to take its place, is gone`, ['Restore a backup instead.'])
  const aside: Was = { how: 'moved', file: `${live}.before-${run}`, sha256: null, stamp: '' }
  if (!(await exists(live))) return { how: 'none', file: live, sha256: null, stamp: '' }
  if (place === null) return aside
  const folder = statePaths(io.root).undo(run)
  await makeFolder(folder)
  const file = join(folder, `${name}.db`)
  const stamp = await stampOf(live)
  try {
    await copyWhole(live, `${file}.tmp`, io)
    await inspect(name, { file: `${file}.tmp`, migrations: null }, io.signal)
  } catch (error) {
    await removeDatabase(`${file}.tmp`)
    // Anything but damage (no room, a lock) stops the restore before it begins.
    if (saysBroken(error) || error instanceof Damaged) return aside
    throw new StepFailed(name, `${path} could not be kept: ${messageOf(error)}`)
  }
  await rename(`${file}.tmp`, file)
  await syncFolder(folder)
  return { how: 'copied', file, sha256: await sha256File(file, undefined, io.signal), stamp }
}

async function copyWhole(from: string, to: string, io: Io): Promise<void> {
  await emptyFile(to)
  await copyDatabase(from, to, io)
  await beSingleFile(to)
}

/** Into a readable live database by the backup API, which leaves it old until it is new; else in its place by name. */
async function makeLive(live: string, place: string, was: Was, input: Swap, io: Io): Promise<void> {
  if (input.asIs) {
    await removeDatabase(live)
    await moveAside(place, live)
    return
  }
  if (was.how === 'copied') {
    await samePages(place, live)
    return await copyDatabase(place, live, io, input.wait * 1000)
  }
  const like = was.how === 'moved' ? await stat(was.file) : null
  const owner = like ?? (await stat(dirname(live)))
  await chmod(place, like === null ? 0o600 : like.mode & 0o7777)
  await chown(place, owner.uid, owner.gid).catch(() => undefined)
  await moveSides(live, `${live}.before-${io.run}`)
  await link(place, live)
  await syncFolder(dirname(live))
}

/** A write-ahead log is tied to its page size: a live database of another one leaves that mode first, which needs it alone. */
async function samePages(place: string, live: string): Promise<void> {
  const { DatabaseSync } = await import('node:sqlite')
  const [from, to] = [new DatabaseSync(place, { readOnly: true }), new DatabaseSync(live, { timeout: 5000 })]
  try {
    const [wanted, found] = [from, to].map((database) => database.prepare('PRAGMA page_size').get()?.['page_size'])
    if (wanted !== found) to.exec('PRAGMA journal_mode = DELETE')
  } catch (error) {
    throw new StepFailed('sqlite', `${live} has pages of another size and is in use: ${messageOf(error)}`)
  } finally {
    from.close()
    to.close()
  }
}

/** Which of the two is live: by their content, since a swap keeps the file and its journal mode. */
async function whatStands(input: Swapped, was: Was, io: Io): Promise<'absent' | 'done' | 'partial' | 'foreign'> {
  const live = resolve(io.root, input.path)
  const place = input.place === null ? null : resolve(io.root, input.place)
  const there = await exists(live)
  const moved = was.how === 'moved' && (await exists(was.file))
  if (place === null) return !there && moved ? 'done' : there && !moved ? 'absent' : 'foreign'
  if (input.asIs) return (await exists(place)) ? (there ? 'absent' : 'partial') : there ? 'done' : 'foreign'
  if (was.how === 'moved' && !moved) return 'absent'
  if (!there) return was.how === 'none' ? 'absent' : was.how === 'moved' ? 'partial' : 'foreign'
  const present = await digestOf(live, io)
  if ((await exists(place)) && present === (await contentDigest(place, io))) return 'done'
  return was.how === 'copied' && present === (await contentDigest(was.file, io)) ? 'absent' : 'foreign'
}

/** Of a database that may be in use, through a copy of one moment of it. */
async function digestOf(live: string, io: Io): Promise<string> {
  const folder = statePaths(io.root).undo(io.run)
  await makeFolder(folder)
  const copy = join(folder, 'look.db')
  try {
    await copyWhole(live, copy, io)
    return await contentDigest(copy, io)
  } finally {
    await removeDatabase(copy)
  }
}

async function putBack(live: string, was: Was, wait: number, io: Io): Promise<void> {
  if ((await sha256File(was.file, undefined, io.signal)) !== was.sha256)
    throw new StepFailed('sqlite', `${was.file} is not what was kept`)
  await samePages(was.file, live)
  await copyDatabase(was.file, live, io, wait * 1000)
}

/** Moves a database with what stands beside it, unread. Never over another one. */
async function moveAside(from: string, to: string): Promise<void> {
  if (await exists(to)) throw new StepFailed('sqlite', `${to} is taken already`)
  if (await exists(from)) await rename(from, to)
  await moveSides(from, to)
  await syncFolder(dirname(to))
}

async function moveSides(from: string, to: string): Promise<void> {
  const [, ...sides] = withSides(from)
  const [, ...aside] = withSides(to)
  for (const [index, side] of sides.entries()) {
    if (!(await exists(side))) continue
    await rm(aside[index] ?? '', { force: true })
    await rename(side, aside[index] ?? '')
  }
}

/** Changes whenever the database is written, by its own file or its log. */
async function stampOf(live: string): Promise<string> {
  const seen = await Promise.all(
    [live, `${live}-wal`].map(async (file) => stat(file, { bigint: true }).catch(() => null)),
  )
  return seen.map((one) => (one === null || one.size === 0n ? '-' : `${one.size}:${one.mtimeNs}`)).join(' ')
}

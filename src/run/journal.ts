import { open, rm, writeFile } from 'node:fs/promises'
import type { JournalEntry } from '../core/journal-entry.ts'
import { statePaths } from '../core/paths.ts'
import { now } from '../world/clock.ts'
import { makeFolder, readText } from '../world/files.ts'

type Body<T> = T extends unknown ? Omit<T, 'v' | 'run' | 'seq' | 'at'> : never
type EntryBody = Body<JournalEntry>
export type Journal = {
  append(body: EntryBody): Promise<void>
  /**
   * From now on a line the disk does not take is let go: putting back must not stop because it cannot be written down.
   * A little room that was set aside is given free; a line that finds none takes it before that.
   */
  forgive(): Promise<void>
  /** Whether that room is still kept. */
  kept(): boolean
  /** Gives it free now. */
  spare(): Promise<void>
  close(): Promise<void>
}

/** What `append` threw because the disk did not take a line. */
const unwritten = new WeakSet<object>()

/** Whether a failure is that a line of a journal could not be written, and nothing else. */
export function isUnwritten(error: unknown): boolean {
  return typeof error === 'object' && error !== null && unwritten.has(error)
}

/** Bytes kept free for the lines of a run whose disk somebody fills meanwhile: it is then still finished, or put back. */
const RESERVE = 131_072

/** Opens a run's journal to add to it. A line is on disk when `append` returns; a torn last line is left behind. */
export async function openJournal(root: string, run: string): Promise<Journal> {
  await makeFolder(statePaths(root).run(run))
  const path = statePaths(root).journal(run)
  const before = (await readText(path)) ?? ''
  const handle = await open(path, 'a', 0o600)
  const reserve = `${path}.reserve`
  let reserved = await writeFile(reserve, Buffer.alloc(RESERVE), { mode: 0o600 }).then(
    () => true,
    () => false,
  )
  const spare = async () => {
    reserved = false
    await rm(reserve, { force: true }).catch(() => undefined)
  }
  let seq = parse(before).at(-1)?.seq ?? 0
  let heal = before !== '' && !before.endsWith('\n')
  let queue: Promise<void> = Promise.resolve()
  let forgiving = false
  const put = async (line: string) => {
    try {
      await handle.writeFile(`${heal ? '\n' : ''}${line}\n`)
      await handle.datasync()
      heal = false
    } catch (error) {
      // Half of the line may stand there: the next one starts on its own.
      heal = true
      throw error
    }
  }
  const write = async (body: EntryBody) => {
    seq += 1
    const line = JSON.stringify({ v: 1, run, seq, at: now().toISOString(), ...body })
    try {
      await put(line).catch(async (error: unknown) => {
        if (!reserved) throw error
        await spare()
        await put(line)
      })
    } catch (error) {
      if (forgiving) return
      if (typeof error === 'object' && error !== null) unwritten.add(error)
      throw error
    }
  }
  return {
    // One line after the other; one that failed says so to its writer, and does not keep the next from being tried.
    append: (body) => {
      const written = queue.then(() => write(body))
      queue = written.catch(() => undefined)
      return written
    },
    forgive: async () => {
      forgiving = true
      await spare()
    },
    kept: () => reserved,
    spare,
    close: async () => {
      await spare()
      await handle.close()
    },
  }
}

/** Every whole line of a run's journal; one that was cut off by a crash is left out. Empty when there is none. */
export async function readJournal(root: string, run: string): Promise<JournalEntry[]> {
  return parse((await readText(statePaths(root).journal(run))) ?? '')
}

/** The entries among the lines of a text; what is not one is left out. */
function parse(text: string): JournalEntry[] {
  return text.split('\n').flatMap((line) => {
    try {
      const entry: unknown = line === '' ? null : JSON.parse(line)
      return entry !== null && typeof entry === 'object' && 'k' in entry ? [entry as JournalEntry] : []
    } catch {
      return []
    }
  })
}

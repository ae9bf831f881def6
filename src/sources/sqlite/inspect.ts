import { open, stat } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import { messageOf, StepFailed } from '../../core/failure.ts'
import { workerFile } from '../../world/worker-file.ts'
import type { Reading, Read } from './read-whole.ts'

const MAGIC = 'SQLite format 3\0'
/** From here on reading takes longer than starting a worker for it, bytes. */
const LARGE = 8e6

/** What a database holds: rows of every table, and its schema revision. */
type Held = Extract<Read, { schema: unknown }>

/** What should be a database is none, or not whole. */
export class Damaged extends StepFailed {}

/** Throws Damaged unless a database's file stands there; gives its bytes. Looked at first: opening a mistyped path would make one. */
export async function mustBeDatabase(name: string, file: string): Promise<number> {
  const found = await stat(file).catch(() => null)
  if (found === null) throw new Damaged(name, `there is no file ${file}`)
  if (!found.isFile()) throw new Damaged(name, `${file} is not a file`)
  const handle = await open(file, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0)
    if (buffer.toString('latin1', 0, bytesRead) === MAGIC) return found.size
  } finally {
    await handle.close()
  }
  throw new Damaged(name, found.size === 0 ? `${file} is empty` : `${file} is no SQLite database`)
}

/**
 * Reads a finished single-file copy whole: `integrity_check` by what it says, rows of every table, schema revision. Nothing
 * is written beside it, and a large one is read in a thread of its own. Throws Damaged when it is, or holds no table.
 */
export async function inspect(name: string, reading: Reading, signal: AbortSignal): Promise<Held> {
  const { file } = reading
  const bytes = await mustBeDatabase(name, file)
  const read = await (bytes < LARGE ? readHere(reading) : readApart(reading, signal))
  if ('because' in read) throw new Damaged(name, `${file} ${read.because}`, read.said)
  return read
}

async function readHere(reading: Reading): Promise<Read> {
  const { readWhole } = await import('./read-whole.ts')
  try {
    return readWhole(reading)
  } catch (error) {
    return { because: `cannot be read: ${messageOf(error)}`, said: [] }
  }
}

/** When it is stopped, SQLite ends what it is at by itself; nobody waits for it. */
async function readApart(reading: Reading, signal: AbortSignal): Promise<Read> {
  signal.throwIfAborted()
  const worker = new Worker(workerFile(import.meta.url, 'read-worker'), { workerData: reading, execArgv: [] })
  try {
    return await new Promise<Read>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', () => reject(new Error('the thread that read the database ended')))
    })
  } finally {
    worker.unref()
    void worker.terminate()
  }
}

import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { messageOf, StepFailed } from '../../core/failure.ts'
import { clean } from '../../core/text.ts'
import { converse } from '../../world/exec.ts'
import { type DumpSays, scanDump } from './dump-scan.ts'

/** How a dump lies on disk, told by its first bytes; a name may lie. */
export type DumpForm = 'archive' | 'tar' | 'gzip' | 'sql'

type Reading = {
  signal: AbortSignal
  idleMs: number
  onBytes?: (done: number) => void
  onChild?: (pid: number) => void
}

/** What a dump is, by its first bytes, whatever it is called. Throws StepFailed when it is empty. */
export async function formOf(file: string): Promise<DumpForm> {
  const handle = await open(file, 'r')
  try {
    const head = Buffer.alloc(264)
    const { bytesRead } = await handle.read(head, 0, head.length, 0)
    if (bytesRead === 0) throw new StepFailed('postgres', `${clean(file)} is empty`)
    const at = (from: number, text: string) => head.toString('latin1', from, from + text.length) === text
    if (at(0, 'PGDMP')) return 'archive'
    if (at(257, 'ustar')) return 'tar'
    return head[0] === 0x1f && head[1] === 0x8b ? 'gzip' : 'sql'
  } finally {
    await handle.close()
  }
}

/**
 * Reads a dump to its last byte: an archive by pg_restore, which lists a truncated one without a word, but cannot print it; SQL
 * by unpacking it. Throws a StepFailed when it is damaged, cut short, or would act outside of the database it is meant for.
 */
export async function readDump(file: string, reading: Reading): Promise<DumpSays> {
  const form = await formOf(file)
  const scan = scanDump()
  if (form === 'archive' || form === 'tar') await printArchive(file, (chunk) => scan.push(chunk), reading)
  else
    await streamSql(file, form, reading, async (chunks) => {
      for await (const chunk of chunks) scan.push(chunk)
    })
  const says = scan.end()
  if (!says.complete)
    throw new StepFailed('postgres', `${clean(file)} is cut short: it does not end as a whole dump does`)
  // An archive is put in by pg_restore, which hands statements to the server and knows no commands.
  if (says.command !== null && (form === 'sql' || form === 'gzip'))
    throw new StepFailed(
      'postgres',
      `${clean(file)} would leave the database it is restored into: ${clean(says.command)}`,
    )
  return says
}

async function printArchive(file: string, onData: (chunk: Buffer) => void, reading: Reading): Promise<void> {
  const child = await converse({
    argv: ['pg_restore', '-f', '-', file],
    idleMs: reading.idleMs,
    timeoutMs: 0,
    signal: reading.signal,
    onChild: reading.onChild,
  })
  let done = 0
  child.stdout?.on('data', (chunk: Buffer) => {
    onData(chunk)
    reading.onBytes?.((done += chunk.length))
  })
  child.stdin?.end()
  try {
    await child.ended
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error
    throw new StepFailed(
      'postgres',
      `${clean(file)} cannot be read: ${error.output.at(-1) ?? error.message}`,
      error.output,
    )
  }
}

/** Streams a dump's SQL, unpacked, into a stream or a reader. Throws a StepFailed when the packing is damaged. */
export async function streamSql(
  file: string,
  form: DumpForm,
  { signal, onBytes }: Pick<Reading, 'signal' | 'onBytes'>,
  to: Writable | ((chunks: AsyncIterable<Buffer>) => Promise<void>),
): Promise<void> {
  const from = createReadStream(file, { highWaterMark: 1 << 20 })
  if (onBytes !== undefined) from.on('data', () => onBytes(from.bytesRead))
  const unpack = form === 'gzip' ? [createGunzip({ chunkSize: 1 << 18 })] : []
  try {
    await pipeline([from, ...unpack, to] as never, { signal })
  } catch (error) {
    if (signal.aborted) throw error
    throw new StepFailed('postgres', `${clean(file)} cannot be read: ${messageOf(error)}`)
  }
}

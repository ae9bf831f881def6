import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { createInterface } from 'node:readline'
import { extractZip } from '../../archive/zip-read.ts'
import { messageOf, StepFailed } from '../../core/failure.ts'
import type { Io } from '../../core/plan.ts'
import { makeFolder, temporaryBeside } from '../../world/files.ts'
import { removedAfter } from '../../world/remove-tree.ts'

/**
 * What an export holds, by table ("messages", "_storage", "_components/mail/letters"): how many documents, and their digest,
 * which does not depend on their order.
 */
export type Tables = { counts: Record<string, number>; digests: Record<string, string> }

const DOCUMENTS = 'documents.jsonl'
const SMALL = 4 << 20

/**
 * Unpacks an export to its last byte in a scratch folder and reads every document. Throws a StepFailed when it is damaged, or is no export.
 */
export async function readExport(io: Io, file: string): Promise<Tables> {
  const scratch = temporaryBeside(join(io.dir, 'export'))
  await makeFolder(io.dir)
  try {
    const { size } = await stat(file)
    const onBytes = (done: number, total: number) => io.bytes(done, total)
    // Workers cost more than a small export takes.
    const options = { onBytes, signal: io.signal, threads: size < SMALL ? 0 : undefined }
    return await removedAfter(scratch, async () => {
      await extractZip(file, scratch, options)
      return await contentOf(scratch, io.signal)
    })
  } catch (error) {
    if (io.signal.aborted) throw error
    throw new StepFailed('convex', `${basename(file)} does not open as an export: ${messageOf(error)}`)
  }
}

async function contentOf(folder: string, signal: AbortSignal): Promise<Tables> {
  const files = (await readdir(folder, { recursive: true })).filter((path) => basename(path) === DOCUMENTS).toSorted()
  const counts: Tables['counts'] = {}
  const digests: Tables['digests'] = {}
  for (const path of files) {
    const table = dirname(path).split(sep).join('/')
    const { count, digest, names } = await tableIn(join(folder, path), signal)
    if (basename(table) === '_tables') mustHaveAll(folder, dirname(join(folder, path)), names, files)
    else {
      counts[table] = count
      digests[table] = digest
    }
  }
  if (Object.keys(counts).length === 0) throw new Error('no table is in it')
  return { counts, digests }
}

/** The list of tables names some that have no documents file: the export was not finished. */
function mustHaveAll(root: string, list: string, names: readonly string[], files: readonly string[]): void {
  const missing = names.find(
    (name) => !name.startsWith('_') && !files.includes(relative(root, join(dirname(list), name, DOCUMENTS))),
  )
  if (missing !== undefined) throw new Error(`its table ${missing} is missing`)
}

/** Counts documents and adds up their digests, so that the order in which they were written does not matter. */
async function tableIn(file: string, signal: AbortSignal): Promise<{ count: number; digest: string; names: string[] }> {
  const sum = Buffer.alloc(32)
  const names: string[] = []
  let count = 0
  for await (const line of createInterface({ input: createReadStream(file, { signal }), crlfDelay: Infinity })) {
    if (line === '') continue
    const document: unknown = JSON.parse(line)
    if (typeof document !== 'object' || document === null)
      throw new Error(`${basename(dirname(file))} holds no documents`)
    if ('name' in document && typeof document.name === 'string' && basename(dirname(file)) === '_tables')
      names.push(document.name)
    count += 1
    for (const [index, byte] of createHash('sha256').update(line).digest().entries())
      sum[index] = (sum[index] ?? 0) ^ byte
  }
  return { count, digest: sum.toString('hex'), names }
}

import { copyMembers } from './copy-job.ts'
import type { CopyFlaws, CopyJob } from './copy-job.ts'
import { deflatePiece } from './deflate-job.ts'
import type { Deflated, DeflateJob } from './deflate-job.ts'
import { digestStretch } from './digest-job.ts'
import type { DigestJob } from './digest-job.ts'
import { hashBatch } from './hash-job.ts'
import type { HashJob } from './hash-job.ts'
import type { FileDigest } from './hash-files.ts'
import { release } from './memory.ts'
import { packBatch } from './pack-job.ts'
import type { PackJob, PackedBatch } from './pack-job.ts'
import { unzipBatch } from './unzip-job.ts'
import type { UnzipJob } from './unzip-job.ts'

/** What can be done in a worker, and what each is given and answers. */
export type Jobs = {
  deflate: { input: DeflateJob; output: Deflated }
  pack: { input: PackJob; output: PackedBatch }
  copy: { input: CopyJob; output: CopyFlaws }
  digest: { input: DigestJob; output: string }
  hash: { input: HashJob; output: (FileDigest | null)[] }
  unzip: { input: UnzipJob; output: null }
}

export type JobName = keyof Jobs
/** Told how many bytes more were done. */
export type Counter = (bytes: number) => void

type Handler<K extends JobName> = (
  input: Jobs[K]['input'],
  count: Counter,
) => Jobs[K]['output'] | Promise<Jobs[K]['output']>

const HANDLERS: { [K in JobName]: Handler<K> } = {
  deflate: (job) => {
    const answer = deflatePiece(job)
    release(job.data)
    return answer
  },
  pack: packBatch,
  copy: copyMembers,
  digest: digestStretch,
  hash: hashBatch,
  unzip: unzipBatch,
}

export async function doJob<K extends JobName>(
  name: K,
  input: Jobs[K]['input'],
  count: Counter,
): Promise<Jobs[K]['output']> {
  return HANDLERS[name](input, count)
}

/** The memory of an answer that can be handed over instead of copied. */
export function transferable(answer: unknown): ArrayBuffer[] {
  if (typeof answer !== 'object' || answer === null || !('packed' in answer)) return []
  return answer.packed instanceof Uint8Array && answer.packed.buffer instanceof ArrayBuffer
    ? [answer.packed.buffer]
    : []
}

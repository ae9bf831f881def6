import { join } from 'node:path'
import { sha256File } from '../archive/checksum.ts'
import type { PublishInput } from '../core/backup-input.ts'
import type { Part } from '../core/backup.ts'
import { StepFailed } from '../core/failure.ts'
import type { Io } from '../core/plan.ts'
import { exists } from '../world/files.ts'

/** Every byte of every captured part, read again: none missing, none empty, none other than what its source recorded. */
export async function checkStaged({ stage, captured, mayLack = [] }: PublishInput, io: Io): Promise<Part[]> {
  const parts = captured.flatMap((one) => one.parts)
  if (parts.length === 0) throw new StepFailed('backup', 'nothing was captured')
  const silent = captured.find(
    (one) => one.parts.length === 0 && !(mayLack.includes(one.source) && one.leftOut.length > 0),
  )
  if (silent !== undefined) throw new StepFailed('backup', `${silent.source} gave nothing`)
  const total = parts.reduce((sum, part) => sum + part.bytes, 0)
  let done = 0
  for (const part of parts) {
    const file = join(stage, part.path)
    if (!(await exists(file))) throw new StepFailed('backup', `${part.path} is gone`)
    if (part.bytes === 0) throw new StepFailed('backup', `${part.path} is empty`)
    const found = await sha256File(file, (read) => io.bytes(done + read, total), io.signal)
    if (found !== part.sha256)
      throw new StepFailed(
        'backup',
        `${part.path} is not what was written: its SHA-256 is ${found}, not ${part.sha256}`,
      )
    done += part.bytes
  }
  return parts
}

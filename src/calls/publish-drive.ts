import { rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { formatChecksums } from '../archive/checksum-list.ts'
import { sha256File } from '../archive/checksum.ts'
import { drivePath, recordPath } from '../core/backup-names.ts'
import type { PublishInput } from '../core/backup-input.ts'
import type { BackupRecord, Part } from '../core/backup.ts'
import type { Io } from '../core/plan.ts'
import { placeFile } from '../records/place-file.ts'
import type { Published } from '../records/published.ts'
import { sha256Text } from '../records/read-plain.ts'
import { exists, makeFolder, temporaryBeside, writeWhole } from '../world/files.ts'
import { mustBeMounted } from './backup-drive.ts'
import { encryptFile, provesBack } from './encrypt.ts'

/** Archives on a drive: encrypted when configured, each with its `.sha256`, the record last. Null when a name is taken. */
export async function publishOnDrive(input: PublishInput, io: Io, record: BackupRecord): Promise<Published | null> {
  const { drive, stage } = input
  if (drive === null) throw new Error('no drive is configured')
  await mustBeMounted(drive, io)
  const finals = record.parts.map((part) => drivePath(record.path, part, record.parts.length === 1, drive.encrypt))
  // The drive's folder may be given from the repository's top; where the program was started says nothing.
  const beside = resolve(io.root, recordPath('data', record.path))
  for (const path of [...finals.map((final) => resolve(io.root, final)), beside]) if (await exists(path)) return null
  await makeFolder(dirname(beside))
  const parts: Part[] = []
  try {
    for (const [index, part] of record.parts.entries())
      parts.push(await putPart(input, io, join(stage, part.path), part, finals[index] ?? ''))
    const [first] = parts
    const done: BackupRecord = {
      ...record,
      path: first?.path ?? record.path,
      parts,
      bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
      digest: parts.length === 1 ? (first?.sha256 ?? '') : sha256Text(parts.map(({ sha256 }) => sha256).join('\n')),
    }
    await mustBeMounted(drive, io)
    await writeWhole(beside, `${JSON.stringify(done, null, 2)}\n`)
    const { id, path, bytes, digest, at, commit } = done
    return { id, path, bytes, digest, at, commit, exports: [] }
  } catch (error) {
    for (const { path } of parts) await takeBack(resolve(io.root, path))
    throw error
  }
}

async function putPart({ drive }: PublishInput, io: Io, staged: string, part: Part, path: string): Promise<Part> {
  const final = resolve(io.root, path)
  const encrypt = drive?.encrypt ?? null
  let sealed = staged
  try {
    if (encrypt !== null) {
      sealed = temporaryBeside(final)
      await encryptFile(staged, sealed, encrypt, io)
      await provesBack(sealed, encrypt, { scratch: `${staged}.back`, sha256: part.sha256 }, io)
    }
    const sha256 = await sha256File(sealed, io.bytes, io.signal)
    const { size: bytes } = await stat(sealed)
    if (!(await placeFile(sealed, final, sha256))) throw new Error(`${final} exists already and is left as it is`)
    await writeWhole(`${final}.sha256`, formatChecksums([{ path: basename(final), sha256 }]))
    return { ...part, path, bytes, sha256 }
  } finally {
    if (sealed !== staged) await rm(sealed, { force: true })
  }
}

async function takeBack(path: string): Promise<void> {
  for (const file of [path, `${path}.sha256`]) await rm(file, { force: true }).catch(() => undefined)
}

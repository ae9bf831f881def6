import { resolve } from 'node:path'
import { listTarGz } from '../archive/tar-read.ts'
import { listZip } from '../archive/zip-read.ts'
import { age, size } from '../core/age.ts'
import type { ListedBackup } from '../core/backup.ts'
import { EXIT, messageOf } from '../core/failure.ts'
import { KINDS } from '../core/kinds.ts'
import { namedBackup } from '../core/named-backup.ts'
import { partFile } from '../core/part-file.ts'
import { clean, cleanLines } from '../core/text.ts'
import { proofsOf } from '../records/proofs.ts'
import { table } from '../report/table.ts'
import { readText } from '../world/files.ts'
import { proofWord, seedShape } from './backups.ts'
import type { RunCommand } from './command.ts'

/** `knowngood show ID`: one backup's record, parts, manifest and every proof it was given. */
export const run: RunCommand = async (context, [id = ''], options) => {
  const project = await context.project()
  const facts = await context.facts({ only: ['backups'] })
  const listed = facts.backups.ok ? facts.backups.value : []
  const backup = namedBackup(listed, id)
  const [proofs, manifest, files] = await Promise.all([
    proofsOf(project.root, backup.id),
    manifestOf(project.root, backup),
    options['files'] === true ? filesOf(project.root, backup) : [],
  ])
  const lines = [
    ...table(rows(backup, context.now()), [], 120),
    ...block('parts', table(backup.parts.map(partRow), [1])),
    ...block('left out', backup.leftOut ?? []),
    ...block('look at this', backup.doubts ?? []),
    ...block('files', files),
    ...block('manifest', manifest ?? []),
    ...block(
      'proofs',
      table(proofs.map((proof) => [proof.rung, proof.passed ? 'passed' : `failed: ${proof.because ?? ''}`, proof.at])),
    ),
  ]
  const data = { backup: seedShape(backup), proofs, manifest, ...(options['files'] === true ? { files } : {}) }
  return { exit: EXIT.done, data, lines }
}

function rows(backup: ListedBackup, now: Date): string[][] {
  return [
    ['kind', backup.kind],
    ['made', `${backup.at}, ${age(backup.at, now)}${backup.operator ? ` by ${backup.operator}` : ''}`],
    ['commit', `${backup.commit ?? 'unknown'} ${backup.commitSubject ?? ''}`],
    ['schema', backup.schemaRevision ?? 'not recorded'],
    ['notes', backup.notes ?? ''],
    [KINDS[backup.kind].shape === 'folder' ? 'folder' : 'file', `${backup.path}, ${size(backup.bytes)}`],
    ['sha256', backup.digest],
    ['proof', proofWord(backup)],
  ]
}

function partRow(part: ListedBackup['parts'][number]): string[] {
  const counts = Object.entries(part.counts ?? {}).map(([name, count]) => `${name} ${count}`)
  return [part.path, size(part.bytes), `${part.source} (${part.use})`, counts.slice(0, 6).join(', ')]
}

function block(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${clean(line)}`)]
}

async function manifestOf(root: string, backup: ListedBackup): Promise<string[] | null> {
  if (KINDS[backup.kind].shape !== 'folder') return null
  const text = await readText(resolve(root, backup.path, 'MANIFEST.md'))
  return text === null ? null : cleanLines(text)
}

/** What its archives hold, as `restore --file` names it. An encrypted one keeps that to itself. */
async function filesOf(root: string, backup: ListedBackup): Promise<string[]> {
  const parts = backup.parts.length > 0 ? backup.parts : [{ path: backup.path }]
  const lists = await Promise.all(
    parts.map(async (part) => {
      const file = partFile(root, backup, part)
      const list = file.endsWith('.zip') ? listZip : /\.tar(?:\.gz)?$/.test(file) ? listTarGz : null
      if (list === null) return [part.path]
      const entries = await list(file).catch((error: unknown) => messageOf(error))
      if (typeof entries === 'string') return [`${part.path}: ${entries}`]
      return entries.map(({ name }) => name.toString('utf8'))
    }),
  )
  return lists.flat()
}

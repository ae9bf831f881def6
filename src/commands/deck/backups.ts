import { resolve } from 'node:path'
import type { BackupKind, ListedBackup, Part } from '../../core/backup.ts'
import { KINDS } from '../../core/kinds.ts'
import type { BackupDetail, KindChoice } from '../../core/deck.ts'
import { UserError } from '../../core/failure.ts'
import type { Facts } from '../../core/facts.ts'
import { ASKED_KINDS } from '../../core/kinds.ts'
import { valueOr } from '../../core/known.ts'
import type { Project } from '../../core/project.ts'
import { retention, type RetentionRow } from '../../core/retention.ts'
import { clean, cleanLines } from '../../core/text.ts'
import { proofsOf } from '../../records/proofs.ts'
import { sourceOf } from '../../sources/registry.ts'
import { now } from '../../world/clock.ts'
import { readText } from '../../world/files.ts'

/** What can be made here, in the order it is offered. */
export function kindsOf(project: Project, facts: Facts): KindChoice[] {
  return ASKED_KINDS.map((kind) => {
    const last = valueOr(facts.backups, []).find((one) => one.kind === kind && one.state === 'ok')
    const off = kind === 'quick' ? null : 'it cannot be made yet'
    return {
      spec: KINDS[kind],
      sources: kind === 'quick' ? ['git'] : Object.keys(project.sources),
      off,
      expect: { ms: last?.ms ?? null, bytes: last?.bytes ?? null },
    }
  })
}

/** One backup with its proofs, its manifest, what a restore of it can put back, and why it stays. */
export async function backupDetail(project: Project, facts: Facts, id: string): Promise<BackupDetail> {
  const listed = valueOr(facts.backups, [])
  const backup = listed.find((one) => one.id === id)
  if (backup === undefined)
    throw new UserError(`There is no backup ${clean(id)}`, `${listed.length} backups are listed`, ['R looks again.'])
  const [proofs, manifest] = await Promise.all([proofsOf(project.root, id), manifestOf(project.root, backup)])
  const kept = retentionRows(project, facts, backup.kind).find((row) => row.backup.id === id)
  return {
    backup,
    proofs: proofs.filter((proof) => proof.digest === backup.digest),
    manifest,
    restores: restorable(project, backup),
    stays: kept?.keep === true ? kept.because : null,
  }
}

/** What a prune of a kind (null: of all) would do, a reason for each. */
export function retentionRows(project: Project, facts: Facts, kind: BackupKind | null): RetentionRow[] {
  const listed = valueOr(facts.backups, [])
  const kinds = kind === null ? (Object.keys(KINDS) as BackupKind[]) : [kind]
  return kinds.flatMap((each) => retention(listed, each, project.backups[each]?.keep ?? null, now(), new Map()))
}

/** Folders explain themselves; everything else has no manifest. */
async function manifestOf(root: string, backup: ListedBackup): Promise<string[] | null> {
  if (KINDS[backup.kind].shape !== 'folder') return null
  const text = await readText(resolve(root, backup.path, 'MANIFEST.md')).catch(() => null)
  return text === null ? null : cleanLines(text).slice(0, MANIFEST_LINES)
}

const MANIFEST_LINES = 2_000

function restorable(project: Project, backup: ListedBackup): BackupDetail['restores'] {
  const bySource = new Map<string, Part[]>()
  for (const part of backup.parts) bySource.set(part.source, [...(bySource.get(part.source) ?? []), part])
  return [...bySource].map(([source, parts]) => ({ source, ...verdict(project, backup, source, parts) }))
}

function verdict(project: Project, backup: ListedBackup, name: string, parts: Part[]): { can: boolean; why: string } {
  const not = (why: string) => ({ can: false, why })
  if (backup.state !== 'ok') return not(`the backup is ${backup.state}`)
  const use = parts[0]?.use ?? ''
  const source = sourceOf(use)
  if (source === undefined) return not(`nothing here knows what ${clean(use)} is`)
  const { use: _, ...options } = project.sources[name] ?? { use }
  try {
    const context = {
      ids: { beside: 'beside', swap: 'swap', drop: 'drop' },
      name,
      parts: parts.map((part) => ({ part, file: resolve(project.root, part.path) })),
      to: { live: true } as const,
      run: 'restore',
      at: backup.at,
      flush: false,
    }
    const steps = source.restore(source.options.parse(options), context)
    if (steps === null) return not('comes back by a rollback, never by a restore')
    if (steps.swap === null) return not('can only be put beside: knowngood restore --to')
    return { can: true, why: 'put beside, counted, then swapped; the old one is kept' }
  } catch {
    return not(`no source ${clean(name)} is configured`)
  }
}

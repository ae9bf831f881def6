import { resolve } from 'node:path'
import { confirmDoubts } from '../../calls/confirm-doubts.ts'
import type { BackupKind, ListedBackup } from '../../core/backup.ts'
import type { BackupDetail, KeptCopy, KindChoice } from '../../core/deck.ts'
import type { Facts } from '../../core/facts.ts'
import { kindFlaw } from '../../core/kind-sources.ts'
import { KINDS } from '../../core/kinds.ts'
import { valueOr } from '../../core/known.ts'
import { namedBackup } from '../../core/named-backup.ts'
import type { Project } from '../../core/project.ts'
import type { RetentionRow } from '../../core/retention.ts'
import { clean, cleanLines } from '../../core/text.ts'
import { fitting, type Fit } from '../../plans/fitting.ts'
import { staysBecause } from '../../plans/kept.ts'
import { kindChoices } from '../../plans/kind-choices.ts'
import { namedSources } from '../../plans/named-sources.ts'
import { pruneRows } from '../../plans/prune.ts'
import { restorable } from '../../plans/restore-candidates.ts'
import { schemaOf } from '../../plans/restore-schema.ts'
import { proofsOf } from '../../records/proofs.ts'
import { now } from '../../world/clock.ts'
import { readText } from '../../world/files.ts'
import { keptCopies } from '../kept-copies.ts'

/** What an operator may make, in the order it is offered; what cannot be made here says what is missing. */
export function kindsOf(project: Project, facts: Facts): KindChoice[] {
  const made = kindChoices(project, facts)
  const all = namedSources(project)
  return Object.values(KINDS).flatMap((spec) => {
    const choice = made.find((one) => one.spec.kind === spec.kind)
    if (choice !== undefined || !spec.asked) return choice ?? []
    const off = kindFlaw(project, spec.kind, all)?.why ?? 'it cannot be made here'
    return [{ spec, sources: [], off, expect: { ms: null, bytes: null } }]
  })
}

/** One backup with its proofs, its manifest, what a restore of it can put back, and why it stays. */
export async function backupDetail(project: Project, facts: Facts, id: string): Promise<BackupDetail> {
  const listed = valueOr(facts.backups, [])
  const backup = namedBackup(listed, id, 'R looks again.')
  const [proofs, manifest] = await Promise.all([proofsOf(project.root, id), manifestOf(project.root, backup)])
  return {
    backup,
    proofs: proofs.filter((proof) => proof.digest === backup.digest),
    manifest,
    restores: restoresOf(project, facts, backup),
    stays: staysBecause(project, facts, backup, now()),
  }
}

/** What restores replaced and still keep, the newest first. */
export async function keptOf(project: Project, facts: Facts): Promise<KeptCopy[]> {
  const copies = await keptCopies(project, valueOr(facts.runs, []))
  return copies.toSorted((a, b) => b.at.localeCompare(a.at))
}

/** Says that a backup is right although it is in doubt. */
export async function confirmDoubt(
  project: Project,
  facts: Facts,
  given: { id: string; reason: string; operator: string },
): Promise<void> {
  await confirmDoubts(project.root, valueOr(facts.backups, []), given)
}

/** What a prune of a kind (null: of all) would do, a reason for each. */
export function retentionRows(project: Project, facts: Facts, kind: BackupKind | null): RetentionRow[] {
  return pruneRows(project, facts, kind, now())
}

/** Folders explain themselves; everything else has no manifest. */
async function manifestOf(root: string, backup: ListedBackup): Promise<string[] | null> {
  if (KINDS[backup.kind].shape !== 'folder') return null
  const text = await readText(resolve(root, backup.path, 'MANIFEST.md')).catch(() => null)
  return text === null ? null : cleanLines(text).slice(0, MANIFEST_LINES)
}

const MANIFEST_LINES = 2_000

/** Of every source the backup holds, whether a restore puts it back in place, and how or why not. */
function restoresOf(project: Project, facts: Facts, backup: ListedBackup): BackupDetail['restores'] {
  const { fits, strays } = fitting(project, backup)
  const data = restorable(fits)
  const told = fits.map((fit) => ({ source: fit.name, ...verdictOf(facts, backup, fit, data.includes(fit)) }))
  const lost = new Map(strays.map(({ source, why }) => [source, { source, can: false, why: clean(why) }]))
  return [...told, ...lost.values()]
}

function verdictOf(facts: Facts, backup: ListedBackup, fit: Fit, isData: boolean): { can: boolean; why: string } {
  if (backup.state !== 'ok') return { can: false, why: `the backup is ${backup.state}` }
  if (!isData)
    return {
      can: false,
      why: fit.source.holds === 'facts' ? 'kept to be read' : 'comes back by a rollback, never by a restore',
    }
  const [schema] = schemaOf(facts, backup, [fit])
  const other =
    schema === undefined || schema.verdict === 'same'
      ? ''
      : `; from schema ${schema.from ?? 'unknown'} to ${schema.to ?? 'one that is not recorded'}`
  return { can: true, why: `put beside, counted, then swapped in${other}` }
}

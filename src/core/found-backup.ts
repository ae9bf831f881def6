import type { BackupKind, BackupRecord, Export, Part } from './backup.ts'
import { insidePath, timeIn } from './found-folder.ts'

/** A record, or why what stands there is none. */
export type ReadRecord = { record: BackupRecord; damaged: string | null }

/** What a file's own name says, for a record that says less. `at` is ISO 8601 UTC or null. */
export type NamedFile = { id: string; kind: BackupKind; at: string | null }

/** Reads the name of a file in a backup folder; null for one that is not a backup. */
export function backupName(name: string): NamedFile | null {
  const pointer = /^(quick|full)-backup-(\d{10,16}(?:-\d+)?|[\w.-]+)\.json$/.exec(name)
  if (pointer) {
    const [, kind = 'quick', rest = ''] = pointer
    return {
      id: `${kind}-${rest}`,
      kind: kind === 'full' ? 'full' : 'quick',
      // Thousands are only named: what was read before has its time.
      get at() {
        return iso(Number(/^\d{10,16}/.exec(rest)?.[0] ?? Number.NaN))
      },
    }
  }
  const site = /^site-backup_(\d{8}_\d{6}Z(?:-\d+)?)\.zip$/.exec(name)
  if (site) return { id: `site-${site[1] ?? ''}`, kind: 'site', at: timeIn(site[1] ?? '') }
  if (/^site-backup[\w.-]*\.zip$/.test(name)) return { id: name.slice(0, -4), kind: 'site', at: null }
  const prod = /^prod-(\d{4}-\d\d-\d\d)(?:-\d+)?\.zip$/.exec(name)
  if (prod) return { id: name.slice(0, -4), kind: 'prod', at: iso(Date.parse(`${prod[1]}T00:00:00Z`)) }
  if (/^prod-[\w.-]+\.zip$/.test(name)) return { id: name.slice(0, -4), kind: 'prod', at: null }
  return null
}

function iso(ms: number): string | null {
  return Number.isNaN(ms) || Math.abs(ms) > 8.64e15 ? null : new Date(ms).toISOString()
}

type File = { path: string; bytes: number; digest: string; modified: string }

/**
 * Reads a quick or full record, the teams' own shape or ours. What the text does not say is taken from the name; what
 * does not hold makes it damaged, with the reason, and still listed.
 */
export function readPointer(text: string, name: NamedFile, file: File): ReadRecord {
  const value = parsed(text)
  const field = (key: string): string | null => {
    const found = value?.[key]
    return typeof found === 'string' && found !== '' ? found : null
  }
  const time = field('timestamp')
  const at = time === null || Number.isNaN(Date.parse(time)) ? null : new Date(time).toISOString()
  const commit = field('commitHash')
  const run = field('run')
  const { parts, wrong } = exportsIn(value)
  const bytes = typeof value?.['exportSizeBytes'] === 'number' ? value['exportSizeBytes'] : 0
  const record: BackupRecord = {
    schema: 1,
    id: field('id') ?? name.id,
    kind: name.kind,
    at: at ?? name.at ?? file.modified,
    origin: run !== null && field('operator') !== null ? 'knowngood' : 'found',
    run,
    operator: field('operator'),
    commit: commit !== null && isHash(commit) ? commit.toLowerCase() : null,
    commitSubject: field('commitMessage'),
    branch: field('branch'),
    notes: field('notes'),
    schemaRevision: field('schemaRevision'),
    path: file.path,
    parts,
    bytes: file.bytes + bytes,
    digest: file.digest,
    ...lists(value),
  }
  return { record, damaged: flaw(value, commit, at, file.bytes) ?? wrong }
}

/** The exports a full record names: ours with their hashes, the teams' own as far as it says. */
function exportsIn(value: Record<string, unknown> | null): { parts: Part[]; wrong: string | null } {
  const listed = Array.isArray(value?.['exports']) ? (value['exports'] as Partial<Export>[]) : []
  const single = value?.['convexExportPath']
  const size = value?.['exportSizeBytes']
  const all: Partial<Export>[] =
    listed.length > 0 || typeof single !== 'string' || single === ''
      ? listed
      : [{ source: 'convex', use: 'convex', path: single, sizeBytes: typeof size === 'number' ? size : -1, sha256: '' }]
  const parts: Part[] = []
  for (const one of all) {
    const path = typeof one.path === 'string' ? insidePath(one.path) : null
    if (path === null) return { parts, wrong: 'it names an export outside the repository' }
    const { source = 'database', use = 'unknown', sizeBytes = -1, sha256 = '', counts, schema } = one
    const more = { ...(counts === undefined ? {} : { counts }), ...(schema === undefined ? {} : { schema }) }
    parts.push({ source, use, path, bytes: sizeBytes, sha256, ...more, unsettled: [] })
  }
  return { parts, wrong: null }
}

function lists(value: Record<string, unknown> | null): Pick<BackupRecord, 'leftOut' | 'doubts' | 'ms'> {
  const texts = (name: string) => {
    const list = value?.[name]
    return Array.isArray(list) ? { [name]: list.map(String) } : {}
  }
  const ms = value?.['ms']
  return { ...texts('leftOut'), ...texts('doubts'), ...(typeof ms === 'number' ? { ms } : {}) }
}

function flaw(
  value: Record<string, unknown> | null,
  commit: string | null,
  at: string | null,
  bytes: number,
): string | null {
  if (bytes === 0) return 'the file is empty'
  if (value === null) return 'it is not valid JSON'
  if (commit === null) return 'commitHash is missing'
  if (!isHash(commit)) return 'commitHash is not a commit'
  return at === null ? 'timestamp is missing or not a time' : null
}

function isHash(text: string): boolean {
  return /^[0-9a-f]{4,64}$/i.test(text)
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

/** An archive without a record of its own, as its name and size tell. */
export function foundArchive(name: NamedFile, file: File): BackupRecord {
  const { path, bytes, digest } = file
  const nothing = {
    run: null,
    operator: null,
    commit: null,
    commitSubject: null,
    branch: null,
    notes: null,
    schemaRevision: null,
  }
  return {
    schema: 1,
    id: name.id,
    kind: name.kind,
    at: name.at ?? file.modified,
    origin: 'found',
    ...nothing,
    path,
    parts: [],
    bytes,
    digest,
  }
}

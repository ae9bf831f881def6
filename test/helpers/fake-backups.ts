import type { BackupKind, ListedBackup, Proof } from '../../src/core/backup.ts'
import type { BackupDetail, KindChoice } from '../../src/core/deck.ts'
import { KINDS } from '../../src/core/kinds.ts'
import type { RetentionRow } from '../../src/core/retention.ts'
import { backup, NOW } from './fake-facts.ts'

export const FULL = 'full-1763436540000'
const SET = 'before-31d099c'
const DUMP = 'backups/full/database-1763436540000.dump'

/** A production that keeps backups of several kinds: a proven one, one in doubt, a damaged, a missing, a found one. */
export const someBackups: ListedBackup[] = [
  backup('quick', 'quick-1763704800000', '2025-11-21T06:00:00Z', 0, 'hashed'),
  {
    ...backup('release', 'release-20251120_031500Z', '2025-11-20T03:15:00Z', 1_100_000, 'readable'),
    doubts: ['database is 1.1 MB, half the size of the last one (5.2 MB)'],
  },
  {
    ...backup('site', 'site-backup_20251119_033032Z', '2025-11-19T03:30:32Z', 212_000_000, 'found'),
    state: 'damaged',
    because: 'byte 8,121 of its directory does not hold',
  },
  {
    ...backup('full', FULL, '2025-11-18T03:29:00Z', 5_200_000, 'hashed'),
    parts: [
      {
        source: 'database',
        use: 'postgres',
        path: DUMP,
        bytes: 5_200_000,
        sha256: 'ab'.repeat(32),
        counts: { users: 1_204, talks: 118_002 },
        schema: '0007_sessions',
        unsettled: [],
      },
      {
        source: 'code',
        use: 'files',
        path: 'code/backend.tar.gz',
        bytes: 9_000,
        sha256: 'cd'.repeat(32),
        unsettled: [],
      },
    ],
    notes: 'before the sessions were moved',
    leftOut: ['.env holds secret values'],
    ms: 91_000,
  },
  { ...backup('site', 'site-backup_20251018_031500Z', '2025-10-18T03:15:00Z', 208_000_000, 'readable'), provenAt: NOW },
  {
    ...backup('set', SET, '2025-10-12T09:14:00Z', 1_100_000_000, 'restored'),
    provenAt: '2025-11-12T09:00:00Z',
  },
  {
    ...backup('quick', 'quick-1759136040000', '2025-09-29T08:54:00Z', 0, 'hashed'),
    state: 'missing',
    because: 'commit 1234567 is not in this clone',
  },
]

/** That many, an hour apart, newest first. */
export function manyBackups(count: number): ListedBackup[] {
  const newest = Date.parse(NOW)
  return Array.from({ length: count }, (_, index) => {
    const at = newest - index * 3_600_000
    return backup('quick', `quick-${at}`, new Date(at).toISOString(), index, 'hashed')
  })
}

export function fakeKinds(): KindChoice[] {
  const choice = (kind: BackupKind, sources: string[], change: Partial<KindChoice> = {}): KindChoice => ({
    spec: KINDS[kind],
    sources,
    off: null,
    expect: { ms: null, bytes: null },
    ...change,
  })
  return [
    choice('quick', ['git'], { expect: { ms: 400, bytes: 0 } }),
    choice('full', ['database'], { expect: { ms: 91_000, bytes: 5_200_000 } }),
    choice('site', []),
    choice('release', ['database', 'code', 'environment'], { expect: { ms: 112_000, bytes: 1_100_000 } }),
    choice('bundle', []),
    choice('data', [], { off: 'no data backup is configured' }),
    choice('dump', ['database']),
    choice('set', ['database', 'images', 'git'], { expect: { ms: 372_000, bytes: 1_100_000_000 } }),
  ]
}

const proof = (rung: Proof['rung'], at: string, digest: string): Proof => ({
  backup: FULL,
  digest,
  part: '*',
  rung,
  at,
  passed: true,
  ms: 900,
})

export function fakeDetail(found: ListedBackup): BackupDetail {
  const proven = found.rung === 'found' ? [] : [proof('hashed', found.at, found.digest)]
  return {
    backup: found,
    proofs:
      found.rung === 'restored' ? [...proven, proof('restored', found.provenAt ?? found.at, found.digest)] : proven,
    manifest:
      found.kind === 'set'
        ? [
            `# ${found.id}`,
            '',
            'Restore the database:',
            '',
            '    createdb restored && pg_restore -d restored database/database.dump',
          ]
        : null,
    restores:
      found.parts.length === 0
        ? []
        : [
            { source: 'database', can: true, why: 'put beside, counted, then swapped in' },
            { source: 'code', can: false, why: 'comes back by a rollback, never by a restore' },
          ],
    stays: found.id === FULL ? 'the newest hashed one' : null,
  }
}

/** Of every kind the newest stays. */
export function fakeRetention(listed: readonly ListedBackup[]): RetentionRow[] {
  const seen = new Set<BackupKind>()
  return listed.map((found) => {
    const newest = !seen.has(found.kind)
    seen.add(found.kind)
    if (found.state !== 'ok') return { backup: found, keep: true, because: `${found.state}: look at it first` }
    return { backup: found, keep: newest, because: newest ? 'one of the newest 1' : 'older than the newest 1' }
  })
}

import type { BackupKind, ListedBackup, Rung } from '../../src/core/backup.ts'
import type { DeployLogEntry, Facts, GateItem, GitFacts, HistoryRow, RollbackCandidate } from '../../src/core/facts.ts'
import { known } from '../../src/core/known.ts'

export const NOW = '2025-11-21T12:04:31.000Z'
const LIVE = '31d099c0c8a5b7e1f2d34455667788990011aabb'
export const NEXT = '9f2c1e0aa1b2c3d4e5f60718293a4b5c6d7e8f90'
const OLDER = '7c1aa02bb1b2c3d4e5f60718293a4b5c6d7e8f90'

export function backup(kind: BackupKind, id: string, at: string, bytes: number, rung: Rung): ListedBackup {
  return {
    schema: 1,
    id,
    kind,
    at,
    origin: rung === 'found' ? 'found' : 'knowngood',
    run: null,
    operator: 'ana',
    commit: LIVE,
    commitSubject: 'Open the QA mode to reviewers',
    branch: 'main',
    notes: null,
    schemaRevision: '0007_sessions',
    path: `backups/${kind}/${id}.json`,
    parts: [],
    bytes,
    digest: 'b5d4045c3f466fa91fe2cc6abe79232a1a57cdf104f7a26e716e0a1e2789df78',
    rung,
    provenAt: rung === 'found' ? null : at,
    state: 'ok',
    because: null,
  }
}

function tag(name: string, commit: string, at: string): GitFacts['tags'][number] {
  const oid = `${commit.slice(0, 38)}ff`
  return { name, oid, commit, at, tagger: 'ana', message: '', subject: `Release ${name}`, release: true }
}

export function gateItem(id: string, title: string, change: Partial<GateItem> = {}): GateItem {
  return {
    id,
    title,
    kind: 'confirmation',
    when: 'before',
    state: 'open',
    look: '',
    why: '',
    evidenceRule: 'optional',
    evidence: [],
    by: null,
    at: null,
    ms: null,
    output: [],
    reason: null,
    approvedBy: null,
    ...change,
  }
}

const gateItems: GateItem[] = [
  gateItem('tree', 'Clean tree', { kind: 'check', state: 'pass', ms: 200, evidenceRule: 'none' }),
  gateItem('verify', 'Pre-push verification', {
    kind: 'check',
    state: 'pass',
    ms: 41_000,
    evidenceRule: 'none',
    output: ['lint ok', '214 tests passed'],
  }),
  gateItem('sign-in', 'Sign-in walks through', {
    look: 'Open the unique deploy URL, sign in as the QA user, and see the dashboard.',
    why: 'the 2025-11-12 release shipped a broken session cookie.',
    evidenceRule: 'visual',
  }),
  gateItem('chat', 'Chat answers', {
    look: 'Ask the assistant anything.',
    why: 'it once answered nothing.',
    evidenceRule: 'required',
  }),
]

function log(date: string, slug: string, tagged: string | null): DeployLogEntry {
  return {
    file: `${date}_${slug}.md`,
    date,
    at: `${date}T03:30:00.000Z`,
    slug,
    title: slug.replaceAll('-', ' '),
    tag: tagged,
    commit: LIVE,
    buildId: LIVE,
    version: '2.4.0',
    type: 'release',
    operator: 'ana',
    outcome: tagged === null ? 'failed' : 'certified',
    run: null,
    rollbackTarget: 'prod-2025-11-12',
    backup: 'quick-1763436600000',
  }
}

/** A release of that commit that was never proven live. */
export function failedRow(commit: string): HistoryRow {
  return {
    mark: 'failed',
    name: commit.slice(0, 7),
    at: '2025-11-21T06:01:00Z',
    type: 'release',
    tookMs: null,
    by: 'ana',
    note: 'stopped at Verify live',
    commit,
    run: null,
    log: null,
  }
}

const history: HistoryRow[] = [
  {
    mark: 'release',
    name: 'prod-2025-11-18',
    at: '2025-11-18T03:30:00Z',
    type: 'release',
    tookMs: 252_000,
    by: 'ana',
    note: '',
    commit: LIVE,
    run: null,
    log: '2025-11-18_ps101-qa-mode.md',
  },
  {
    mark: 'rollback',
    name: 'prod-2025-11-12',
    at: '2025-11-12T17:45:00Z',
    type: 'rollback',
    tookMs: 100_000,
    by: 'ana',
    note: '',
    commit: OLDER,
    run: null,
    log: '2025-11-12_cookie.md',
  },
  {
    mark: 'failed',
    name: '4bd9e11',
    at: '2025-11-12T17:31:00Z',
    type: 'patch',
    tookMs: null,
    by: 'ana',
    note: 'stopped at Verify',
    commit: null,
    run: null,
    log: null,
  },
  ...Array.from({ length: 11 }, (_, index): HistoryRow => {
    const day = String(30 - index * 2).padStart(2, '0')
    return {
      mark: 'release',
      name: `prod-2025-10-${day}`,
      at: `2025-10-${day}T09:00:00Z`,
      type: 'release',
      tookMs: 200_000 + index * 1_000,
      by: index % 2 ? 'ben' : 'ana',
      note: '',
      commit: OLDER,
      run: null,
      log: null,
    }
  }),
]

/** A production in the middle of its life: one release behind, no backup this session, the gate not run. */
export function someFacts(): Facts {
  return {
    at: NOW,
    operator: 'ana',
    host: 'laptop',
    git: known(
      {
        branch: 'main',
        checkedOut: 'main',
        remote: { name: 'origin', url: 'git@example.net:mosaic.git' },
        next: { oid: NEXT, subject: 'Remember the reviewer’s last filter', at: '2025-11-21T11:40:00Z', author: 'ben' },
        remoteBranch: NEXT,
        current: LIVE,
        tags: [
          tag('prod-2025-11-18', LIVE, '2025-11-18T03:30:00Z'),
          tag('prod-2025-11-12', OLDER, '2025-11-12T11:02:00Z'),
        ],
        ahead: 14,
        migrations: 1,
        fastForward: true,
        dirty: [],
        shallow: false,
      },
      NOW,
    ),
    live: known({ buildId: LIVE, matches: LIVE, url: 'https://mosaic.example/', ms: 182 }, NOW),
    backups: known(
      [
        backup('quick', 'quick-1763436600000', '2025-11-21T06:00:00Z', 0, 'hashed'),
        backup('prod', 'prod-2025-11-18', '2025-11-18T03:31:00Z', 5_200_000, 'hashed'),
        backup('site', 'site-backup_20251011_031500Z', '2025-10-11T03:15:00Z', 1_100_000_000, 'found'),
      ],
      NOW,
    ),
    gate: known(
      {
        commit: NEXT,
        state: 'not run',
        startedAt: null,
        passedAt: null,
        expiresAt: null,
        items: gateItems.map((item) => ({ ...item })),
      },
      NOW,
    ),
    logs: known(
      [
        log('2025-11-18', 'ps101-qa-mode', 'prod-2025-11-18'),
        log('2025-11-12', 'cookie', null),
        log('2025-11-09', 'search', 'prod-2025-11-09'),
      ],
      NOW,
    ),
    releases: known([], NOW),
    migrations: {},
    sources: [],
    lock: { local: known(null, NOW), shared: known(null, NOW) },
    runs: known([], NOW),
    session: known(
      { id: 'session-1', startedAt: '2025-11-21T12:00:00Z', operator: 'ana', host: 'laptop', backups: [] },
      NOW,
    ),
    disk: known({ free: 80e9, total: 200e9, used: 2e9 }, NOW),
    mirrors: [],
    drills: [],
    history,
    drift: [],
    deployHolds: [
      { id: 'backup', why: 'no backup this session', fix: 'make one now: knowngood backup quick', key: 'b' },
      { id: 'gate', why: 'gate not run', fix: 'run it: knowngood gate', key: 'g' },
    ],
    deployWarnings: [],
  }
}

/** A repository on its first day. */
export function emptyFacts(): Facts {
  const some = someFacts()
  if (!some.git.ok) return some
  return {
    ...some,
    git: known({ ...some.git.value, current: null, ahead: null, migrations: null, tags: [] }, NOW),
    live: { at: NOW, ok: false, because: 'no URL is configured', fix: 'add verify.checks' },
    backups: known([], NOW),
    logs: known([], NOW),
    history: [],
  }
}

export const candidates: RollbackCandidate[] = [
  {
    id: 'prod-2025-11-12',
    kind: 'tag',
    at: '2025-11-12T11:02:00Z',
    commit: OLDER,
    subject: 'Fix the session cookie',
    ranMs: 518_400_000,
    undoes: ['prod-2025-11-18'],
    schema: { verdict: 'same', from: '0007', to: '0007' },
    rung: 'hashed',
    offered: true,
    because: null,
  },
  {
    id: 'quick-1763436600000',
    kind: 'quick',
    at: '2025-11-18T03:29:00Z',
    commit: OLDER,
    subject: 'Fix the session cookie',
    ranMs: null,
    undoes: ['prod-2025-11-18'],
    schema: { verdict: 'same', from: '0007', to: '0007' },
    rung: 'hashed',
    offered: true,
    because: null,
  },
  {
    id: 'prod-2025-11-09',
    kind: 'tag',
    at: '2025-11-09T16:20:00Z',
    commit: OLDER,
    subject: 'Search by owner',
    ranMs: 259_200_000,
    undoes: ['prod-2025-11-18', 'prod-2025-11-12'],
    schema: { verdict: 'differs', from: '0007', to: '0006' },
    rung: 'hashed',
    offered: true,
    because: null,
  },
  {
    id: 'quick-1762679520000',
    kind: 'quick',
    at: '2025-11-09T09:12:00Z',
    commit: OLDER,
    subject: 'Search',
    ranMs: null,
    undoes: [],
    schema: { verdict: 'unknown', from: null, to: null },
    rung: 'found',
    offered: false,
    because: 'its record has a flipped byte',
  },
]

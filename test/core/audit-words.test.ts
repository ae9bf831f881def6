import { expect, test } from 'vitest'
import { auditRows, auditText } from '../../src/core/audit-chain.ts'
import type { AuditEvent } from '../../src/core/audit-chain.ts'
import { auditSays, auditView } from '../../src/core/audit-words.ts'

function line(event: string, outcome: string, subject: string, detail?: AuditEvent['detail']) {
  return { event, outcome, subject, ...(detail ? { detail } : {}) }
}

test.each([
  [line('backup.quick', 'done', 'abc123'), 'Quick backup created: abc123'],
  [line('backup', 'done', 'quick-1', { commit: 'abc1234567' }), 'Quick backup created: abc1234'],
  [line('rollback', 'started', 'quick-1', { from: '2024-12-01' }), 'Rollback initiated to backup from 2024-12-01'],
  [line('rollback', 'started', 'quick-1733083200000'), 'Rollback initiated to backup from 2024-12-01'],
  [line('rollback', 'started', 'prod-2025-11-18'), 'Rollback initiated to prod-2025-11-18'],
  [line('rollback', 'done', 'prod-2025-11-18'), 'Rollback complete - production restored'],
  [line('restore', 'started', 'full-1733083200000'), 'Restore initiated to backup from 2024-12-01'],
  [line('restore', 'started', 'release-20251121_120711Z'), 'Restore initiated to backup from 2025-11-21'],
  [line('restore', 'started', 'before-v2'), 'Restore initiated to before-v2'],
  [line('restore', 'done', 'before-v2'), 'Restore complete - production restored'],
  [line('restore', 'undone', 'before-v2'), 'Restore failed and was put back: before-v2'],
  [line('restore.undo', 'done', 'restore-1'), 'Swapped back: restore-1'],
  [line('restore.beside', 'done', 'before-v2'), 'Restored beside: before-v2'],
  [line('emergency', 'done', 'immaculate-3'), 'Emergency restore complete: immaculate-3'],
  [line('emergency', 'stuck', 'immaculate-3'), 'Emergency restore failed and could not be put back: immaculate-3'],
  [line('drill.spot', 'done', 'bundle-1'), 'Spot restore drill done: bundle-1'],
  [line('mirror.push', 'done', 'gdrive:x'), 'Mirrors brought up to date: gdrive:x'],
  [line('verify', 'done', 'full-1'), 'Verified: full-1'],
  [line('verify', 'undone', 'full-1'), 'Verification failed: full-1'],
  [line('backup.delete', 'done', 'full-1'), 'Backup deleted: full-1'],
  [line('backup.delete', 'halted', 'full-1'), 'Deletion stopped half way: full-1'],
  [line('prune', 'done', 'all kinds'), 'Pruned: all kinds'],
  [line('doubt', 'confirmed', 'full-1'), 'Doubt confirmed: full-1'],
  [line('deploy', 'failed', '9f2c1e0'), 'Deploy failed: 9f2c1e0'],
  [line('deploy', 'undone', '9f2c1e0'), 'Deploy failed and was put back: 9f2c1e0'],
  [line('rollback', 'halted', 'prod-1'), 'Rollback stopped half way: prod-1'],
  [line('release', 'certified', 'prod-2025-11-21'), 'Release certified: prod-2025-11-21'],
  [line('lock', 'taken over', 'deploy-1'), 'Lock taken over: deploy-1'],
  [
    line('gate', 'waived', 'sign-in @ 9f2c1e0', { reason: 'known flake' }),
    'Gate item waived: sign-in @ 9f2c1e0 (known flake)',
  ],
  [line('lock.takeover', 'done', 'deploy-1'), 'Lock takeover done: deploy-1'],
])('%j', (said, expected) => {
  expect(auditSays(said)).toBe(expected)
})

test('a line of ours is read back; anything near it is a foreign one', () => {
  const text = auditText(
    { actor: 'ana', host: 'deck', run: null, event: 'deploy', outcome: 'done', subject: 'x' },
    '2025-11-21T12:00:00.000Z',
    null,
  )
  expect(auditRows(text)[0]?.entry).toMatchObject({ v: 1, actor: 'ana', prev: null })
  for (const near of [
    text.slice(0, -1),
    text.replace('"v":1', '"v":2'),
    text.replace('"prev":null', '"prev":5'),
    `x${text}`,
  ]) {
    expect(auditRows(near)[0]?.entry).toBeNull()
  }
})

test.each([
  ['[2025-11-18T03:30:32Z] PASS pre-push verification', '2025-11-18T03:30:32.000Z', 'PASS pre-push verification'],
  ['2025-11-18 03:30 UTC | gate | ok', '2025-11-18T03:30:00.000Z', 'gate | ok'],
  [
    '{"ts":"2025-11-18T03:30:32Z","script":"gate.sh","result":"pass","tag":"prod-2025-11-18"}',
    '2025-11-18T03:30:32.000Z',
    'gate.sh · pass · prod-2025-11-18',
  ],
  ['{"__proto__":{"event":"x"}}', '', '{"__proto__":{"event":"x"}}'],
  ['no time at all', '', 'no time at all'],
  ['\u001b[31mred\u202e', '', 'red'],
])('a legacy line: %j', (text, at, says) => {
  expect(auditView({ line: 1, text, entry: null })).toMatchObject({ at, says, legacy: true })
})

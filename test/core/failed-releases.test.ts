import { expect, test } from 'vitest'
import type { HistoryRow } from '../../src/core/facts.ts'
import { failedReleases } from '../../src/core/failed-releases.ts'

function row(mark: HistoryRow['mark'], commit: string | null, note = ''): HistoryRow {
  return { mark, commit, note, name: '', at: '', type: 'release', tookMs: null, by: 'ana', run: null, log: null }
}

test('a commit whose release stopped before it was proven is named with where it stopped', () => {
  const history = [row('failed', 'bad', 'stopped at Verify live'), row('failed', 'worse', 'not put back')]
  expect([...failedReleases(history)]).toEqual([
    ['bad', 'stopped at Verify live'],
    ['worse', 'failed'],
  ])
})

test('one that was proven live, before or since, has not failed', () => {
  const later = [row('release', 'mended'), row('failed', 'mended', 'stopped at Build')]
  const before = [row('failed', 'old', 'stopped at Verify live'), row('rollback', 'old')]
  expect([...failedReleases([...later, ...before, row('failed', null)])]).toEqual([])
})

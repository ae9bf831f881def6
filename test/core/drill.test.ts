import { expect, test } from 'vitest'
import { drillBackups, drillMarkdown, leftOutOf } from '../../src/core/drill.ts'
import { backup } from '../helpers/fake-facts.ts'

const bundle = backup('bundle', 'bundle-1', '2025-11-01T00:00:00.000Z', 1, 'hashed')
const release = backup('release', 'release-1', '2025-11-01T00:00:00.000Z', 1, 'hashed')

test('a drill says which kinds it has no backup of, and which newer one does not stand', () => {
  expect(leftOutOf('spot', [bundle, release], false)).toEqual([
    'No data backup is drilled: backups.data is not configured.',
  ])
  expect(leftOutOf('spot', [bundle, release], true)).toEqual(['No data backup is drilled: there is none.'])

  const gone = { ...backup('data', 'data-1', '2025-11-02T00:00:00.000Z', 1, 'hashed'), state: 'missing' as const }
  const rotten = {
    ...backup('release', 'release-2', '2025-11-02T00:00:00.000Z', 1, 'hashed'),
    state: 'damaged' as const,
    because: 'database/app.dump is not what was recorded',
  }
  const older = { ...rotten, id: 'release-0', at: '2025-10-01T00:00:00.000Z' }
  const all = [bundle, release, rotten, older, gone]
  expect(drillBackups('spot', all).map(({ id }) => id)).toEqual(['bundle-1', 'release-1'])
  expect(leftOutOf('spot', all, true)).toEqual([
    'No data backup is drilled: data-1 is missing.',
    'release-1 is drilled, though release-2 is newer: that one is damaged (database/app.dump is not what was recorded).',
  ])
  expect(leftOutOf('full', [bundle, release], true)).toContain('No baseline is drilled: there is none.')
})

test('the checklist ends with what was left out, and without a heading where nothing was', () => {
  const line = {
    kind: 'spot',
    at: '2025-11-21T00:00:00.000Z',
    run: 'r',
    passed: true,
    ms: 1,
    by: 'ana',
    log: '',
  } as const
  const of = { project: 'mosaic', environment: 'production', host: 'deck' }
  const text = (leftOut: string[]) => drillMarkdown({ ...line, backups: [] }, of, [], leftOut)
  expect(text(['No baseline is drilled: there is none.'])).toMatch(
    /## Checklist\n[^]*## Left out\n\n- No baseline is drilled: there is none\.\n$/,
  )
  expect(text([])).not.toContain('Left out')
})

import { describe, expect, it } from 'vitest'
import type { MirrorHeld } from '../../src/core/plug-in.ts'
import { mirrorWork } from '../../src/core/mirror-work.ts'
import { backup, NOW } from '../helpers/fake-facts.ts'

const now = new Date(NOW)
const rule = { kinds: ['site'], latest: 2 } as const
const site = (day: number) => backup('site', `site-${day}`, `2025-11-${10 + day}T00:00:00.000Z`, 1, 'hashed')

function held(from: ReturnType<typeof site>): MirrorHeld {
  const { id, kind, at, digest } = from
  return { id, kind, at, digest, folder: `mosaic/production/${kind}/${id}`, files: [] }
}

const ids = ({ put, drop }: ReturnType<typeof mirrorWork>) => [put.map(({ id }) => id), drop.map(({ id }) => id)]

describe('what brings a mirror up to date', () => {
  it('is the newest of each kind that it lacks, newest first', () => {
    expect(ids(mirrorWork(rule, [site(1), site(2), site(3)], [], now))).toEqual([['site-3', 'site-2'], []])
    expect(ids(mirrorWork(rule, [site(1), site(2), site(3)], [held(site(3))], now))).toEqual([['site-2'], []])
  })

  it('removes copies beyond the newest, but none that nothing newer takes the place of', () => {
    const all = [held(site(1)), held(site(2)), held(site(3))]
    expect(ids(mirrorWork(rule, [site(3), site(2)], all, now))).toEqual([[], ['site-1']])
    expect(ids(mirrorWork(rule, [], [held(site(1)), held(site(2))], now))).toEqual([[], []])
  })

  it('fault 43: never removes the copy of a baseline, however many are newer', () => {
    const at = (day: number) => backup('baseline', `frozen-${day}`, `2025-11-${10 + day}T00:00:00.000Z`, 1, 'hashed')
    const all = [held(at(1)), held(at(2)), held(at(3))]
    expect(ids(mirrorWork({ kinds: ['baseline'], latest: 1 }, [at(4)], all, now))).toEqual([['frozen-4'], []])
  })

  it('takes a copy of other bytes for no copy', () => {
    const rotten = { ...held(site(3)), digest: 'other' }
    expect(ids(mirrorWork(rule, [site(3)], [rotten], now))[0]).toEqual(['site-3'])
  })

  it('never copies what is damaged, only found, or dated in the future', () => {
    const bad = [
      { ...site(1), state: 'damaged' as const },
      { ...site(2), rung: 'found' as const },
      { ...site(3), at: '2026-11-21T00:00:00.000Z' },
      backup('quick', 'quick-1', NOW, 1, 'hashed'),
    ]
    expect(ids(mirrorWork(rule, bad, [], now))).toEqual([[], []])
  })
})

import { describe, expect, it } from 'vitest'
import type { ListedBackup } from '../../src/core/backup.ts'
import type { Facts } from '../../src/core/facts.ts'
import { known, unknown } from '../../src/core/known.ts'
import { complaints } from '../../src/core/standing.ts'
import { backup, someFacts, NOW } from '../helpers/fake-facts.ts'
import { projectAt } from '../helpers/project.ts'

const HOUR = 3_600_000
const chain = { ok: true, says: [] }
const baseline = backup('baseline', 'immaculate-3', '2025-10-12T09:14:00.000Z', 1, 'restored')

function project(fresh: number | null = null) {
  const plain = projectAt('/p')
  return { ...plain, backups: { ...plain.backups, full: { ...plain.backups.full, freshMs: fresh } } }
}

function facts(backups: ListedBackup[], change: Partial<Facts> = {}): Facts {
  const disk = known({ free: 50e9, total: 100e9, used: 1e6 }, NOW)
  return { ...someFacts(), backups: known(backups, NOW), runs: known([], NOW), drift: [], disk, ...change }
}

const said = (...args: Parameters<typeof complaints>) => complaints(...args).map(({ id, says }) => `${id}: ${says}`)

describe('what there is to complain about', () => {
  it('is nothing when all is well', () => {
    expect(said(project(), facts([baseline]), chain)).toEqual([])
  })

  it('is a kind that is to be fresh and is missing, stale or unproven', () => {
    expect(said(project(24 * HOUR), facts([baseline]), chain)).toEqual(['missing: there is no full backup'])
    const old = backup('full', 'full-1', '2025-11-19T09:00:00.000Z', 1, 'found')
    expect(said(project(24 * HOUR), facts([baseline, old]), chain)).toEqual([
      'stale: the newest full backup, full-1, is from 2 d ago, more than 24 h',
      'unproven: the newest full backup, full-1, is found, not hashed',
    ])
    expect(said(project(null), facts([baseline, old]), chain)).toEqual([])
  })

  it('is a missing baseline, and one that was never restored', () => {
    expect(said(project(), facts([]), chain)).toEqual(['missing: there is no baseline'])
    const young = { ...baseline, rung: 'hashed' as const }
    expect(said(project(), facts([young]), chain)[0]).toContain('no baseline has been restored')
  })

  it('is a rotten backup, drift, a broken chain, a run that stopped half way', () => {
    const rotten = {
      ...backup('quick', 'quick-1', NOW, 1, 'hashed'),
      state: 'damaged' as const,
      because: 'a flipped byte',
    }
    const found = said(project(), facts([baseline, rotten], { drift: ['The tag prod-1 is gone.'] }), {
      ok: false,
      says: ['line 7 breaks the chain'],
    })
    expect(found).toEqual([
      'chain: line 7 breaks the chain',
      'drifted: The tag prod-1 is gone.',
      'damaged: quick-1 is damaged: a flipped byte',
    ])
  })

  it('is what could not be looked at', () => {
    const down = facts([baseline], { git: unknown('no git here', 'git init', NOW) })
    expect(said(project(), down, chain)).toEqual(['unknown: git is unknown: no git here'])
  })

  it('is a full volume and a large backup folder, by the configured limits', () => {
    const disk = known({ free: 10e9, total: 100e9, used: 600e6 }, NOW)
    expect(said(project(), facts([baseline], { disk }), chain)).toEqual([
      'room: backups hold 600 MB, more than 500 MB',
      'room: the volume is 90 % full, more than 80 %',
    ])
  })
})

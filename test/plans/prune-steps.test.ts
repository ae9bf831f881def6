import { expect, test } from 'vitest'
import type { ListedBackup } from '../../src/core/backup.ts'
import { known, unknown } from '../../src/core/known.ts'
import { keptRows } from '../../src/plans/kept.ts'
import { pruneSteps } from '../../src/plans/prune-steps.ts'
import { backup, emptyFacts } from '../helpers/fake-facts.ts'
import { projectAt } from '../helpers/project.ts'

const project = projectAt('/nowhere')
const made = (count: number): ListedBackup[] =>
  Array.from({ length: count }, (_, index) => ({
    ...backup('quick', `quick-${index}`, new Date(index).toISOString(), 1, 'hashed'),
    origin: 'knowngood' as const,
  }))

test('there is nothing to prune until the number is reached', () => {
  const keep = project.backups.quick.keep ?? 0
  const facts = (count: number) => ({ ...emptyFacts(), backups: known(made(count), '2026-11-21T12:00:00.000Z') })
  expect(pruneSteps(project, facts(keep - 1), ['quick', 'prod'])).toEqual([])
  const steps = pruneSteps(project, facts(keep), ['quick', 'prod'])
  expect(steps).toMatchObject([
    { id: 'prune-quick', onFail: 'owe', actions: [{ name: 'prune.kind', input: { kind: 'quick', keep } }] },
  ])
})

test('nothing goes while the database of the release records does not answer: it may name any backup', () => {
  const at = '2026-11-21T12:00:00.000Z'
  const keep = project.backups.quick.keep ?? 0
  const facts = { ...emptyFacts(), backups: known(made(keep + 2), at), releases: unknown<never>('no answer', '', at) }
  const going = (url: string) =>
    keptRows({ ...project, records: { url } }, facts, 'quick', new Date(at)).filter((row) => !row.keep)
  expect(going('$DATABASE_URL')).toEqual([])
  expect(going(project.records.url)).toHaveLength(2)
})

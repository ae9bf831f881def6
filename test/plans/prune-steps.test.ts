import { expect, test } from 'vitest'
import type { ListedBackup } from '../../src/core/backup.ts'
import { known } from '../../src/core/known.ts'
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

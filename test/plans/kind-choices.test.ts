import { expect, test } from 'vitest'
import { known } from '../../src/core/known.ts'
import { kindChoices } from '../../src/plans/kind-choices.ts'
import { backup, NOW, someFacts } from '../helpers/fake-facts.ts'
import { projectAt } from '../helpers/project.ts'

const timed = { ...backup('quick', 'quick-1763436600000', '2025-11-18T03:30:00Z', 241, 'hashed'), ms: 400 }
const untimed = backup('quick', 'quick-1763704800000', '2025-11-21T06:00:00Z', 300, 'found')

test('how long a backup takes is as the last one that was timed, also when another tool made one since', () => {
  const choices = kindChoices(projectAt('/work'), { ...someFacts(), backups: known([untimed, timed], NOW) })
  expect(choices.find(({ spec }) => spec.kind === 'quick')?.expect).toEqual({ ms: 400, bytes: 241 })
})

test('one that was never timed still says how large it is', () => {
  const choices = kindChoices(projectAt('/work'), { ...someFacts(), backups: known([untimed], NOW) })
  expect(choices.find(({ spec }) => spec.kind === 'quick')?.expect).toEqual({ ms: null, bytes: 300 })
})

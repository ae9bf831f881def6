import type { Deck } from '../../core/deck.ts'
import { held } from '../../core/failure.ts'
import type { Facts } from '../../core/facts.ts'
import type { Project } from '../../core/project.ts'
import { nextCommit } from '../gate.ts'

const checks = () => import('../../calls/gate-checks.ts')
const verdicts = () => import('../../calls/gate-verdict.ts')

/** The gate of the commit that is next, as the screens work on it; every verdict is looked up again afterwards. */
export function deckGate(project: Project, operator: string, facts: () => Facts, after: () => void): Deck['gate'] {
  const commit = () => {
    const { git } = facts()
    if (!git.ok) throw held('There is nothing to gate', git.because, [git.fix])
    return nextCommit(git.value)
  }
  const then = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } finally {
      after()
    }
  }
  const actor = { operator }
  return {
    runChecks: async (onChange) => then((await checks()).runGateChecks(project, commit(), { operator, onChange })),
    confirm: async (id, evidence) => then((await verdicts()).confirmGate(project, commit(), id, evidence, actor)),
    fail: async (id, reason) => then((await verdicts()).failGate(project, commit(), id, reason, actor)),
    waive: async (id, reason, approvedBy, typed) =>
      then((await verdicts()).waiveGate(project, commit(), id, { reason, approvedBy, typed }, actor)),
  }
}

import type { Facts } from '../core/facts.ts'
import type { Operation } from '../core/plan.ts'
import { unborn } from '../core/unborn.ts'

/** What decides whether a key is off, wherever the operator stands. */
export type Situation = { facts: Facts; running: { id: string; op: Operation } | null }

export const busy = ({ running }: Situation): string | null =>
  running === null ? null : `a ${NOUNS[running.op] ?? running.op} is running; one operation at a time`

const NOUNS: Partial<Record<Operation, string>> = {
  verify: 'verification',
  'verify-live': 'verification',
  certify: 'certification',
  delete: 'removal',
  emergency: 'restore from a baseline',
}

export const noCommit = ({ facts }: Situation): string | null => {
  if (!facts.git.ok) return facts.git.because === '' ? null : facts.git.because
  return facts.git.value.next === null ? unborn(facts.git.value).why : null
}

const noRelease = ({ facts }: Situation): string | null =>
  facts.git.ok && facts.git.value.current === null
    ? 'nothing was released yet, so there is nothing to go back to'
    : null

export const noDeploy = (situation: Situation): string | null => busy(situation) ?? noCommit(situation)
export const noRollback = (situation: Situation): string | null => busy(situation) ?? noRelease(situation)

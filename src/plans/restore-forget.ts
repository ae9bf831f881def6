import type { Facts } from '../core/facts.ts'
import type { Hold, Plan } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { call, step } from '../core/step.ts'
import type { Decided } from './decided.ts'
import { fitOf } from './fitting.ts'
import { busyHolds } from './restore-holds.ts'
import type { KeptSwap } from './restore-undo.ts'
import { askedFor } from './parts.ts'
import { planned } from './planned.ts'

/** `forget` is the run whose kept copies go; `folder` where the rest of them lies, relative to the root. */
export type ForgetRequest = { forget: string; of: string; kept: KeptSwap[]; folder: string; reason: string | null }

/** Removes what the swaps of a restore took out and kept. Live data is not touched; the restore cannot be swapped back after it. */
export function planRestoreForget(project: Project, facts: Facts, request: ForgetRequest, decided: Decided): Plan {
  const { forget, of, kept, folder, reason } = request
  const found = kept.map((swap) => ({ swap, fit: fitOf(project, swap.name, swap.use) }))
  const lost = found.flatMap(({ fit }) => (typeof fit === 'string' ? [fit] : []))
  const holds: Hold[] = [
    ...busyHolds(facts),
    ...lost.map((why) => ({ id: 'not-configured', why, fix: 'put it back into knowngood.yaml' })),
  ]
  const removals = found.flatMap(({ swap, fit }) => {
    if (typeof fit === 'string') return []
    const { name, source, options } = fit
    return source.forget?.(options, { id: `forget.${name}`, name, run: forget, kept: swap.kept }) ?? []
  })
  const title = `Remove what ${forget} kept`
  const names = kept.map(({ name }) => name).join(', ')
  const rest = call('restore.forget', { of: forget }, `remove ${folder}`, [['rm', '-rf', '--', folder]])
  const last = step('forget', 'Remove the folder it kept the rest in', [rest], {
    detail: folder,
    effect: 'destroys',
    probe: call('restore.forgotten', { of: forget }, `whether ${folder} is gone`, [['ls', '-ld', folder]]),
    onFail: 'halt',
  })
  return planned(decided, {
    op: 'restore',
    title,
    request: { forget, of, kept, reason },
    names: { id: of, type: 'forget', remote: '', nonce: '', sources: '' },
    holds,
    asks: askedFor(project, `${title}?`),
    loses: [
      ...removals.flatMap(({ names: gone }) => gone.map((what) => `${what}, as it stood before ${forget}.`)),
      `The way back: ${forget} cannot be swapped back any more.`,
    ],
    audit: { required: true, event: 'restore.forget', subject: forget, detail: { sources: names } },
    locks: true,
    steps: holds.length > 0 ? [] : [...removals.map(({ step: made }) => made), last],
  })
}

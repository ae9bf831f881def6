import type { Facts } from '../core/facts.ts'
import { unreadLock } from '../core/holds.ts'
import type { Json } from '../core/json.ts'
import type { Hold, Plan, Step } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { call, step } from '../core/step.ts'
import type { Decided } from './decided.ts'
import { basisOf } from './deploy.ts'
import { type Fit, fitOf } from './fitting.ts'
import { askedFor, basisStep, lockSteps, remoteOf, unlockSteps } from './parts.ts'
import { busyHolds } from './restore-holds.ts'
import { recordSteps } from './restore-parts.ts'
import { liveSteps } from './restore.ts'
import { serviceSteps } from './services.ts'
import { planned } from './planned.ts'

/** What one swap of an earlier run took out and kept, as its journal says; in the order of the swaps. */
export type KeptSwap = { name: string; use: string; kept: Json }

/** `undo` is the run whose swaps are swapped back; `of` the backup it had restored. */
export type UndoRequest = { undo: string; of: string; kept: KeptSwap[]; reason: string | null }

/** Swaps back what a restore had replaced, last first. What is live now is kept in turn, so this can be undone as well. */
export function planRestoreUndo(project: Project, facts: Facts, request: UndoRequest, decided: Decided): Plan {
  const { undo, kept, reason } = request
  const remote = remoteOf(facts)
  const found = kept.toReversed().map((swap) => ({ swap, fit: fitOf(project, swap.name, swap.use) }))
  const lost = found.flatMap(({ fit }) => (typeof fit === 'string' ? [fit] : []))
  const holds: Hold[] = [
    ...busyHolds(facts),
    ...unreadLock(facts),
    ...lost.map((why) => ({ id: 'not-configured', why, fix: 'put it back into knowngood.yaml' })),
    ...(kept.length > 0 ? [] : [nothing(undo)]),
  ]
  const fits = found.flatMap(({ swap, fit }) =>
    typeof fit === 'string' ? [] : [{ ...fit, parts: [], kept: swap.kept }],
  )
  const names = fits.map(({ name }) => name).join(', ')
  const title = `Swap ${names || 'nothing'} back to what stood there before ${undo}`
  const services = serviceSteps(project, remote !== null)
  const records = recordSteps(project, fits)
  const backs = fits.map(({ name, source, options, kept: stood }) => ({
    ...source.back(options, { id: `back.${name}`, name, run: decided.run, kept: stood }),
    fence: remote !== null,
  }))
  const { there } = basisOf(project, facts, '', null)
  const said = `undo ${undo}`
  return planned(decided, {
    op: 'restore',
    title,
    request: { undo, of: request.of, kept, reason },
    names: {
      id: request.of,
      type: 'undo',
      remote: remote ?? '',
      nonce: decided.nonce,
      sources: fits.map(({ name, use }) => `${name}=${use}`).join(' '),
    },
    holds,
    warnings:
      project.services.length === 0 ? ['No services are configured: what writes meanwhile is not stopped.'] : [],
    asks: askedFor(project, `${title}?`),
    loses: fits.map(({ name }) => `What was written to ${name} since ${undo} is no longer live; it is kept beside.`),
    audit: { required: true, event: 'restore.undo', subject: undo, detail: { sources: names } },
    locks: true,
    steps:
      holds.length > 0
        ? []
        : [
            ...lockSteps(remote, decided, 'restore', reason === null ? said : `${said}: ${reason}`),
            basisStep({ remote, here: {}, there, gate: null }),
            ...keptSteps(undo, fits),
            ...services.stop,
            ...records.before,
            ...backs,
            ...records.after,
            ...services.start,
            ...liveSteps(project, facts),
          ],
    always: holds.length > 0 ? [] : [...services.always, ...unlockSteps(remote, decided)],
  })
}

/** What is beside the live data by a path is looked for before anything is stopped. */
function keptSteps(undo: string, fits: readonly (Fit & { kept: Json })[]): Step[] {
  const paths = fits.flatMap(
    ({ name, source, options, kept }) =>
      source.forget?.(options, { id: `forget.${name}`, name, run: undo, kept })?.paths ?? [],
  )
  if (paths.length === 0) return []
  const look = call('restore.kept', { run: undo, paths }, 'whether it is all there', [['ls', '-ld', '--', ...paths]])
  return [step('kept', `Look for what ${undo} kept`, [look], { stop: 'anytime' })]
}

function nothing(undo: string): Hold {
  return {
    id: 'nothing-kept',
    why: `${undo} swapped nothing that could be swapped back`,
    fix: 'restore its snapshot instead: knowngood restore lists it as pre-restore-…',
  }
}

import type { Json, JsonRecord } from '../core/json.ts'
import { timestamp } from '../core/naming.ts'
import { LOCK_REF } from '../core/paths.ts'
import type { Call, Step } from '../core/plan.ts'
import type { ListedBackup } from '../core/backup.ts'
import { call, lookAt, step } from '../core/step.ts'
import type { Decided } from './decided.ts'
import { releaseByHand } from './parts.ts'

/** What stands there now is kept under this name. */
export function snapshotName(decided: Decided): string {
  return `pre-emergency-${timestamp(new Date(decided.now))}`
}

/** The shared lock, taken over from whoever holds it. A remote that does not answer holds nobody up. */
export function seizeSteps(remote: string | null, decided: Decided, reason: string): Step[] {
  if (remote === null) return []
  const lock = { remote, nonce: decided.nonce }
  const { operator, host } = decided
  const input = { ...lock, op: 'emergency', operator, host, reason }
  const byHand = [['git', 'push', '--force', '--', remote, 'HEAD:refs/knowngood/lock']]
  return [
    step('lock', 'Take the lock', [call('lock.seize', input, `take refs/knowngood/lock on ${remote}`, byHand)], {
      detail: 'refs/knowngood/lock',
      effect: 'outward',
      gives: ['oid'],
      probe: call('lock.probe', lock, 'whether the lock is ours', lookAt(remote, LOCK_REF)),
      undo: [call('lock.release', lock, 'give the lock back', releaseByHand(remote))],
      onFail: 'owe',
    }),
  ]
}

/** Compares the baseline with what the audit log says was frozen. */
export function witnessStep({ id, path, digest }: ListedBackup): Step {
  const says = `compare ${id} with what the audit log says was frozen`
  return step(
    'witness',
    'Look at the baseline',
    [call('baseline.witness', { baseline: id, digest }, says, [['sha256sum', `${path}/CHECKSUM.sha256`]])],
    {
      detail: id,
      gives: ['recorded'],
      stop: 'anytime',
    },
  )
}

/** A snapshot in which a source too broken to read counts as kept: its swap moves it aside intact. `names` are those that do. */
export function forgiving(made: Step, names: readonly string[]): Step {
  // The remote may be what is broken: the snapshot's commit is held here.
  const told = { mayLack: [...names], remote: null }
  const inner = made.steps?.map((each) => forgiving(each, names))
  const { id, actions } = made
  const more = (action: Call): Call => ({ ...action, input: { ...(action.input as JsonRecord), ...told } })
  const changed = names.some((name) => id === `capture.${name}`)
    ? { actions: actions.map((action) => (action.do === 'call' ? tried(made, action) : action)) }
    : id === 'backup.publish'
      ? { actions: actions.map((action) => (action.do === 'call' ? more(action) : action)) }
      : {}
  return { ...made, ...changed, ...(inner === undefined ? {} : { steps: inner }) }
}

function tried({ id, undo = [] }: Step, { name, input, says, byHand }: Call): Call {
  const bare = (one: { name: string; input: Json }) => ({
    do: 'call',
    name: one.name,
    input: one.input,
    says: '',
    byHand: [],
  })
  const clear = undo.flatMap((action) => (action.do === 'call' ? [bare(action)] : []))
  return call(
    'emergency.capture',
    { source: id.replace(/^capture\./, ''), action: bare({ name, input }), clear },
    says,
    byHand,
  )
}

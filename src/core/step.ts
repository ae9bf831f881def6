import type { Arg, Call, Step } from './plan.ts'
import type { Json } from './json.ts'

/** A call as data: its name, input, the sentence people read, and the same work with standard tools. */
export function call(name: string, input: Json, says: string, byHand: Arg[][] = []): Call {
  return { do: 'call', name, input, says, byHand }
}

/** Asks the remote where these refs stand; without a remote, this clone. */
export function lookAt(remote: string | null, ...refs: string[]): Arg[][] {
  return [remote === null ? ['git', 'show-ref', ...refs] : ['git', 'ls-remote', '--', remote, ...refs]]
}

type Rest = Partial<Omit<Step, 'id' | 'title' | 'actions'>>

/** A step with the manners most have: it may be stopped before it begins, and what it did is put back when it fails. */
export function step(id: string, title: string, actions: Step['actions'], rest: Rest): Step {
  return { id, title, effect: 'read', actions, gives: [], stop: 'before', onFail: 'undo', ...rest }
}

import { messageOf } from '../core/failure.ts'
import { known, unknown } from '../core/known.ts'
import type { Known } from '../core/known.ts'
import type { Json } from '../core/json.ts'
import type { Arg, Step } from '../core/plan.ts'
import type { Check, DeployContext, Place } from '../core/plug-in.ts'
import { call } from '../core/step.ts'
import { now } from '../world/clock.ts'
import { missingProgram } from '../world/programs.ts'
import { secretValue } from '../world/secrets.ts'
import type { Runs } from './host-cli.ts'
import type { Standing } from './hosted.ts'

type Words = { title: string; detail: string; look: Arg[][]; put: Arg[][]; restore: Arg[][] }

/** The step of a host with deploys of its own names; `way` is its `deploy`, or its `return` to an earlier one. */
export function hostedStep(way: 'deploy' | 'return', told: Json, context: DeployContext, words: Words): Step {
  const { title, look } = words
  const { dir, commit } = context
  const was = { $: 'was.deployId' }
  const says =
    way === 'deploy'
      ? `release to ${words.detail}`
      : `make the deploy of that commit live again, or release it to ${words.detail}`
  return {
    id: context.id,
    title,
    detail: words.detail,
    effect: 'outward',
    fence: true,
    capture: call(`${title}.capture`, { told }, `which deploy ${words.detail} serves`, look),
    actions: [call(`${title}.${way}`, { told, dir, commit }, says, way === 'deploy' ? words.put : words.restore)],
    gives: ['deployId', 'url'],
    probe: call(`${title}.probe`, { told, was, commit }, `which deploy ${words.detail} serves, and whose it is`, look),
    undo: [
      call(
        `${title}.undo`,
        { told, was, commit },
        `make the deploy before it live again on ${words.detail}`,
        words.restore,
      ),
    ],
    stop: 'before',
    onFail: 'undo',
  }
}

/** What a target that is looked at from outside a run works with: no run, no output, its own short time. */
export function lookingIo(place: Place): Runs {
  const signal = place.signal ?? new AbortController().signal
  return { root: place.root, run: '', signal, child: () => {}, line: () => {}, secret: secretValue }
}

/** The facts of a host from what stands there; why not, and how to look, when it cannot be asked. */
export async function hostFacts(look: () => Promise<Standing>, fix: string) {
  const at = now().toISOString()
  try {
    const { live, all } = await look()
    const settled = all.every(({ state }) => state !== 'working')
    return known({ settled, live: live?.commit ?? null, deployId: live?.id ?? null }, at)
  } catch (error) {
    return unknown(messageOf(error), fix, at) as Known<never>
  }
}

/** Whether the CLI is there and its credential is set; then, asked with it, whether the host knows the site. */
export async function hostChecks(
  of: { use: string; command: string[]; install: string; token: string; get: string; fix: string },
  place: Place,
  site: () => Promise<string>,
): Promise<Check[]> {
  const program = of.command[0] ?? ''
  const missing = await missingProgram(program, place.root)
  const cli: Check = {
    id: `${of.use}.command`,
    ok: missing === null,
    says: missing ?? `${program} is there`,
    fix: missing === null ? '' : `Install it: ${of.install}; or correct command.`,
  }
  const set = (process.env[of.token] ?? '') !== ''
  const credential: Check = {
    id: `${of.use}.credential`,
    ok: set,
    says: set ? `${of.token} is set` : `${of.token} is not set`,
    fix: set ? '' : `Set ${of.token}: ${of.get}`,
  }
  if (missing !== null || !set) return [cli, credential]
  const known: Check = await site().then(
    (says) => ({ id: `${of.use}.site`, ok: true, says, fix: '' }),
    (error: unknown) => ({ id: `${of.use}.site`, ok: false, says: messageOf(error), fix: of.fix }),
  )
  return [cli, credential, known]
}

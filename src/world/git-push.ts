import { mask } from './secrets.ts'
import { StepFailed } from '../core/failure.ts'
import { GitFailed } from './git.ts'
import type { Git } from './git.ts'
import { fullRef } from './git-refs.ts'

/**
 * One ref of a push. `src` is an object id, null deletes. `expect` is where the remote's ref must stand for the push to
 * be taken: an object id, or null when it must not exist.
 */
export type RefUpdate = { src: string | null; dst: string; expect: string | null }

export type PushOptions = {
  signal?: AbortSignal
  timeoutMs?: number
  /** Whether the team's pre-push hook has a say; refs of our own never ask it. */
  hooks?: boolean
}

/** The remote, or git here, did not take a push; nothing of it was published. `refs` says why for each that was refused. */
export class PushRefused extends StepFailed {
  readonly refs: readonly { ref: string; why: string }[]
  constructor(refs: readonly { ref: string; why: string }[], output: readonly string[]) {
    const named = refs.map(({ ref, why }) => `${ref}: ${why}`).join('; ')
    super('push', `the push was refused${named === '' ? '' : ` (${named})`}`, output)
    this.name = 'PushRefused'
    this.refs = refs
  }
}

/**
 * Publishes all of these or none. Every ref carries its lease, so whoever moved one in the meantime is never
 * overwritten; that also makes the push forced, so that what must be a fast-forward is checked by the caller.
 */
export async function pushAtomic(
  git: Git,
  remote: string,
  updates: readonly RefUpdate[],
  options: PushOptions = {},
): Promise<void> {
  const hooks = options.hooks ?? updates.some(({ dst }) => !dst.startsWith('refs/knowngood/'))
  const leases = updates.map(({ dst, expect }) => `--force-with-lease=${fullRef(dst)}:${expect ?? ''}`)
  const specs = updates.map(({ src, dst }) => `${src ?? ''}:${fullRef(dst)}`)
  const flags = ['--porcelain', '--quiet', '--atomic', ...(hooks ? [] : ['--no-verify'])]
  const { signal, timeoutMs } = options
  try {
    await git.raw(['push', ...flags, ...leases, '--', remote, ...specs], {
      hooks,
      timeoutMs: timeoutMs ?? 600_000,
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (error) {
    if (!(error instanceof GitFailed) || error.code !== 1) throw error
    throw new PushRefused(refusals(error.out), lines(error))
  }
}

/** `!<tab>src:dst<tab>[rejected] (stale info)`; a ref that only fell with the others is not a reason. */
function refusals(porcelain: string): { ref: string; why: string }[] {
  const all = porcelain.split('\n').flatMap((line) => {
    const [flag, spec, summary] = line.split('\t')
    if (flag !== '!' || spec === undefined || summary === undefined) return []
    const why = /\(([^()]*)\)\s*$/.exec(summary)?.[1] ?? summary
    return [{ ref: spec.slice(spec.indexOf(':') + 1), why: mask(why) }]
  })
  const causes = all.filter(({ why }) => !/^atomic (push|transaction) fail/.test(why))
  return causes.length > 0 ? causes : all
}

function lines(error: GitFailed): string[] {
  return mask(`${error.said}\n${error.out}`)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-200)
}

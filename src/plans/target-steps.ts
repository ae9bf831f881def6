import type { Ref, Step } from '../core/plan.ts'
import type { DeployContext } from '../core/plug-in.ts'
import type { Project } from '../core/project.ts'
import { targetOf } from '../targets/registry.ts'
import type { Decided } from './decided.ts'
import { checkoutOf } from './parts.ts'

type Of = {
  way: 'deploy' | 'back'
  commit: string | Ref
  buildId: string | Ref
  from: string | null
  rewinds: boolean
  remote: string | null
}

/** One step for each configured target, in order, as its plug-in gives it. Names no target is refused when configured. */
export function targetSteps(project: Project, decided: Decided, of: Of): Step[] {
  const uses = project.deploy.targets.map((target) => target.use)
  return project.deploy.targets.flatMap(({ use, ...rest }, index) => {
    const target = targetOf(use)
    if (target === undefined) return []
    const again = uses.indexOf(use) === index ? '' : `-${index + 1}`
    const context: DeployContext = {
      id: `target.${use}${again}`,
      dir: checkoutOf(decided),
      commit: of.commit,
      buildId: of.buildId,
      from: of.from,
      rewinds: of.rewinds,
      remote: of.remote ?? project.git.remote,
      branch: project.git.branch,
      lock: of.remote === null ? null : decided.nonce,
    }
    return [target[of.way](target.options.parse(rest), context)]
  })
}

/** Where the release stands under an address of its own, as the first target that knows one gives it; null when none does. */
export function ownUrl(steps: readonly Step[]): Ref | null {
  const step = steps.find(({ gives }) => gives.includes('url'))
  return step === undefined ? null : { $: `${step.id}.url` }
}

import { planDeploy } from '../plans/deploy.ts'
import type { RunCommand } from './command.ts'
import { decide } from './decide.ts'
import { operate } from './operate.ts'

/** `knowngood deploy`: the release of the commit that is next, verified live before it is certified. */
export const run: RunCommand = async (context, _args, options) => {
  const [project, facts] = await Promise.all([context.project(), context.facts({ remote: true, live: true })])
  const type = options['type'] === 'patch' ? 'patch' : 'release'
  const plan = planDeploy(project, facts, { type }, await decide(context, project, 'deploy'))
  const report = await operate(context, plan, options, () => {
    const { tag, commit, buildId } = plan.names
    const certified = plan.certifiedBy !== null
    const lines = [
      certified
        ? `Deployed and certified: ${tag} at ${commit?.slice(0, 7)}, BUILD_ID ${buildId} proven live.`
        : `Verified live, not certified: after-confirmations are open. knowngood certify tags it.`,
    ]
    return {
      data: { tag: certified ? (tag ?? null) : null, commitHash: commit ?? null, buildId: buildId ?? null, type },
      lines,
    }
  })
  return report
}

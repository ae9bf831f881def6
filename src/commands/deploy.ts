import type { JsonRecord } from '../core/json.ts'
import { provenWords } from '../core/release.ts'
import { planDeploy } from '../plans/deploy.ts'
import type { RunCommand } from './command.ts'
import { decide } from './decide.ts'
import { planWhenFree } from './held.ts'
import { operate } from './operate.ts'

/** `knowngood deploy`: the release of the commit that is next, verified live before it is certified. */
export const run: RunCommand = async (context, _args, options) => {
  const project = await context.project()
  const type = options['type'] === 'patch' ? 'patch' : 'release'
  const plan = await planWhenFree(context, async (facts) =>
    planDeploy(project, facts, { type }, await decide(context, project, 'deploy')),
  )
  const report = await operate(context, plan, options, (result) => {
    const { tag, commit, buildId } = plan.names
    const backup = result.gives['backup.publish'] ?? result.gives['backup'] ?? {}
    const certified = plan.certifiedBy !== null
    const lines = [
      certified
        ? `Deployed and certified: ${tag} at ${commit?.slice(0, 7)}, ${provenWords(project.verify.checks, buildId ?? '')}.`
        : `Verified live, not certified: after-confirmations are open. knowngood certify tags it.`,
    ]
    return {
      data: {
        tag: certified ? (tag ?? null) : null,
        commitHash: commit ?? null,
        buildId: buildId ?? null,
        type,
        timestamp: backup['at'] ?? null,
        backupId: backup['id'] ?? null,
        ...archived(result.gives),
      },
      lines,
    }
  })
  return report
}

/** The archive of what was deployed, in the seed API's words. */
function archived(gives: Readonly<Record<string, JsonRecord>>): JsonRecord {
  const { path = null, bytes = null } = gives['artefact'] ?? gives['stage'] ?? {}
  return { exportPath: path, sizeBytes: bytes }
}

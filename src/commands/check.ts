import { auditAnchors } from '../core/audit-chain.ts'
import { EXIT, messageOf } from '../core/failure.ts'
import { complaints } from '../core/standing.ts'
import { clean } from '../core/text.ts'
import { verifyAudit } from '../records/audit-log.ts'
import { mask } from '../world/secrets.ts'
import type { RunCommand } from './command.ts'
import { tellOutside } from './tell-outside.ts'

/** `knowngood check`: a line for everything that is stale, unproven, missing, drifted or breaks the chain; then exit 3. */
export const run: RunCommand = async (context) => {
  const [project, facts] = await Promise.all([context.project(), context.facts({ remote: true, live: true })])
  const anchors = auditAnchors(facts.git.ok ? facts.git.value.tags : [])
  const chain = await verifyAudit(project.root, anchors).catch((error: unknown) => ({
    ok: false,
    says: [messageOf(error)],
  }))
  const found = complaints(project, facts, chain)
  if (found.length === 0) return { exit: EXIT.done, data: { complaints: [] }, lines: ['All is well.'] }
  const { operator, host } = context
  const title = `${project.project} / ${project.environment} needs attention`
  const warnings = context.dryRun
    ? []
    : await tellOutside(project, {
        schema: 1,
        event: 'stale',
        project: project.project,
        environment: project.environment,
        op: 'check',
        title,
        run: null,
        outcome: 'held',
        exit: EXIT.held,
        says: found.map(({ says }) => mask(says)),
        operator,
        host,
        at: facts.at,
      })
  for (const warning of warnings) context.say(`! ${warning}`)
  const lines = found.map(({ id, says, fix }) => `${id}: ${clean(says)} (${clean(fix)})`)
  return { exit: EXIT.held, data: { complaints: found, ...(warnings.length === 0 ? {} : { warnings }) }, lines }
}

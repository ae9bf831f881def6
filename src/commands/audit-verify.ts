import { EXIT } from '../core/failure.ts'
import { auditAnchors } from '../core/audit-chain.ts'
import { verifyAudit } from '../records/audit-log.ts'
import type { RunCommand } from './command.ts'

/** `knowngood audit verify`: the chain line by line, and the heads that pushed prod tags carry. */
export const run: RunCommand = async (context) => {
  const { root } = await context.project()
  const facts = await context.facts({ only: ['git'] })
  const verdict = await verifyAudit(root, auditAnchors(facts.git.ok ? facts.git.value.tags : []))
  return { exit: verdict.ok ? EXIT.done : EXIT.held, data: { audit: verdict }, lines: verdict.says }
}

import { held, messageOf } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'
import { statePaths } from '../core/paths.ts'
import { shellWord } from '../core/shell.ts'
import { appendAudit, asideSuffix, verifyAudit } from '../records/audit-log.ts'
import { host } from '../world/identity.ts'
import type { RunRequest } from './execute.ts'

/** Nothing is released on a log that was cut or edited. Going back stays possible: it is what such a day needs. */
export async function refuseBrokenChain(root: string, op: string): Promise<void> {
  const { auditLog, auditHead } = statePaths(root)
  const verdict = await verifyAudit(root).catch((error: unknown) => ({ ok: false, says: [messageOf(error)] }))
  if (verdict.ok) return
  const suffix = await asideSuffix(root)
  const aside = (path: string): string => `mv ${shellWord(path)} ${shellWord(`${path}${suffix}`)}`
  throw held(`The audit log cannot vouch for a ${op}`, verdict.says[0] ?? 'its chain is broken', [
    'knowngood audit verify says where it breaks: put the log back as it was',
    `or keep it aside as evidence and begin a new one: ${aside(auditLog)} && ${aside(auditHead)}`,
    'The next line written then begins the new log, and says who began it and why.',
  ])
}

/** Says in the audit log that a run starts or is taken up. Without its first line a run that needs one does not begin. */
export async function announce(request: RunRequest, outcome: string, detail?: JsonRecord): Promise<void> {
  const { plan, root } = request
  try {
    await appendLineOf(request, outcome, detail)
  } catch (error) {
    if (!plan.audit.required) return
    throw held('The audit log cannot be written', messageOf(error), [
      `Look at ${statePaths(root).auditLog}: no audit line, no ${plan.op}.`,
    ])
  }
}

/** Says in the audit log how a run ended; gives what is owed where it could not: what was done is done, and nobody must think that it was noted. */
export async function announceEnd(request: RunRequest, outcome: string, detail: JsonRecord): Promise<string[]> {
  return await appendLineOf(request, outcome, detail).then(
    () => [],
    (error: unknown) => [`the audit log cannot be written, no line says how this ended: ${messageOf(error)}`],
  )
}

async function appendLineOf(request: RunRequest, outcome: string, detail: JsonRecord | undefined): Promise<void> {
  const { plan, root, by } = request
  const line = {
    actor: by,
    host: host(),
    run: plan.names['run'] ?? null,
    event: plan.audit.event,
    outcome,
    subject: plan.audit.subject,
  }
  const reason = request.answers['reason']
  const made = outcome === 'done' ? plan.audit.detail : undefined
  // An exception that the next deploy log tells of.
  const accepted = plan.request['acceptSchema'] === true ? { acceptSchema: true } : {}
  const more = { ...made, ...detail, ...accepted, ...(reason === undefined ? {} : { reason }) }
  await appendAudit(root, Object.keys(more).length === 0 ? line : { ...line, detail: more })
}

import { messageOf } from '../core/failure.ts'
import { type Notice, noticeBody, noticeOfRun, noticeVariables } from '../core/notice.ts'
import type { Plan } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import type { RunResult } from '../run/execute.ts'
import { now } from '../world/clock.ts'
import { execute } from '../world/exec.ts'
import { host } from '../world/identity.ts'
import { mask, secretValue } from '../world/secrets.ts'
import { postSigned } from '../world/webhook.ts'

/**
 * Tells the team's hooks and webhook how a run ended. Changes nothing about the run: what does not arrive, or hangs past
 * its time, is given back as a warning.
 */
export async function tellRun(project: Project, plan: Plan, result: RunResult, operator: string): Promise<string[]> {
  const who = { operator, host: host(), at: now().toISOString() }
  const notice = noticeOfRun(project, plan, maskedResult(result), who)
  return notice === null ? [] : await tellOutside(project, notice)
}

/** How a run ended, without what must stay secret in what went wrong. */
export function maskedResult(result: RunResult): RunResult {
  return { ...result, error: result.error === null ? null : mask(result.error), owed: result.owed.map(mask) }
}

/** Calls the hooks of the notice's event, in order, and posts it to the webhook, side by side. */
export async function tellOutside(project: Project, notice: Notice): Promise<string[]> {
  const told = await Promise.all([callHooks(project, notice), post(project, notice)])
  return told.flat()
}

async function callHooks({ root, hooks }: Project, notice: Notice): Promise<string[]> {
  const warnings: string[] = []
  for (const argv of hooks.on[notice.event]) {
    try {
      const limits = { idleMs: hooks.timeoutMs, timeoutMs: hooks.timeoutMs }
      await execute({ argv, cwd: root, env: noticeVariables(notice), stdin: `${noticeBody(notice)}\n`, ...limits })
    } catch (error) {
      warnings.push(`The hook ${argv[0] ?? ''} failed: ${mask(messageOf(error))}`)
    }
  }
  return warnings
}

async function post({ notify }: Project, notice: Notice): Promise<string[]> {
  if (notify === null || !notify.on.includes(notice.event)) return []
  try {
    const secret = notify.secret === null ? null : secretValue(notify.secret)
    const { timeoutMs } = notify
    const failed = await postSigned(secretValue(notify.webhook), noticeBody(notice), { secret, timeoutMs })
    return failed === null ? [] : [`The webhook $${notify.webhook} was not told: ${mask(failed)}`]
  } catch (error) {
    return [`The webhook was not told: ${messageOf(error)}`]
  }
}

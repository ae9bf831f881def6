import { z } from 'zod'
import { argv, duration, variable } from './words.ts'

const commands = z.array(argv, { error: 'is a list of commands, each a list of words' })

/** One command may stand alone: `on_failure: ["./page-me.sh"]`. */
const hook = z
  .union([commands, argv.transform((words) => [words])], { error: 'is a command, or a list of commands' })
  .default([])

/** Commands of the team's own, told of runs by `KNOWNGOOD_*` variables and a JSON notice on stdin. */
export const hookKeys = z.strictObject({
  on_success: hook.describe('After a run that went well.'),
  on_failure: hook.describe('After a run that failed, was held back or stopped.'),
  on_stale: hook.describe('When `check` finds something stale, unproven, missing or overdue.'),
  timeout: duration.prefault('30s').describe('When a hook is ended; it changes no result.'),
})

/** The webhook and what it hears of. */
export const notifyKeys = z.strictObject({
  webhook: variable.describe('The variable that holds its URL.'),
  secret: variable.optional().describe('The variable that holds the key of its HMAC-SHA256 signature.'),
  on: z
    .array(z.enum(['success', 'failure', 'stale']), { error: 'is a list of success, failure, stale' })
    .default(['failure', 'stale'])
    .describe('What it is told.'),
  timeout: duration.prefault('10s').describe('How long it may take to answer.'),
})

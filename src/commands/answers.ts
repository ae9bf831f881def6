import { UserError } from '../core/failure.ts'
import type { Ask, Plan } from '../core/plan.ts'
import { clean } from '../core/text.ts'
import { mask } from '../world/secrets.ts'
import type { Options } from './command.ts'
import { textOption } from './command.ts'
import type { Context } from './context.ts'
import { question } from './question.ts'

/**
 * What a plan asks, answered by flags or, in a terminal, by questions. `--yes` never stands for a typed name.
 * Throws a UserError (exit 2) that names the missing flag when nobody can be asked.
 */
export async function answersFor(context: Context, plan: Plan, options: Options): Promise<Record<string, string>> {
  const flagged = plan.asks.map((ask) => ({ ask, answer: given(ask, options) }))
  const open = flagged.flatMap(({ ask, answer }) => (answer === null ? [ask] : []))
  if (open.length > 0 && !context.interactive) throw unanswered(plan, open)
  const answers: Record<string, string> = {}
  for (const { ask, answer } of flagged) answers[ask.id] = answer ?? (await asked(context, ask))
  return answers
}

/** Names every flag that is missing. The typed name stands for the review as well, and is the only yes that such a plan takes. */
function unanswered(plan: Plan, open: readonly Ask[]): UserError {
  const typed = plan.asks.some(({ kind }) => kind === 'typed')
  const needed = open.filter(({ kind }) => kind !== 'review' || !typed)
  const flags = needed.map(({ flag }) => flag).join(' and ')
  return new UserError(`${plan.title} needs ${flags}`, clean(needed[0]?.text ?? 'it is not confirmed'), [
    `Give ${flags}, or look first with --dry-run.`,
  ])
}

function given(ask: Ask, options: Options): string | null {
  if (ask.kind === 'review') {
    // Typing the name, with a reason, is a stronger yes than --yes; a plan that asks for both needs no third flag.
    return options['yes'] === true || textOption(options, 'confirm') !== null ? 'Y' : null
  }
  const text = textOption(options, ask.kind === 'typed' ? 'confirm' : 'reason')
  if (text === null) return null
  if (ask.kind === 'reason' && text.trim() === '')
    throw new UserError('--reason is empty', 'the reason is kept in the audit log', ['Say in a few words why.'])
  if (ask.expects !== undefined && text !== ask.expects) throw mismatch(text, ask.expects)
  // A reason is kept and shown; a token pasted into it is not.
  return ask.kind === 'reason' ? mask(text) : text
}

async function asked(context: Context, ask: Ask): Promise<string> {
  const text = await question(`${clean(ask.text)}${ask.kind === 'review' ? ' Y to go on' : ''}: `, context.signal)
  if (ask.kind === 'review' && text !== 'Y')
    throw new UserError('Left without acting', 'the plan was not confirmed with Y', ['Nothing has changed.'], 3)
  if (ask.kind === 'reason' && text.trim() === '')
    throw new UserError('A reason is needed', 'it is kept in the audit log', ['Nothing has changed.'], 3)
  if (ask.expects !== undefined && text !== ask.expects) throw mismatch(text, ask.expects)
  return ask.kind === 'reason' ? mask(text) : text
}

function mismatch(text: string, expects: string): UserError {
  return new UserError(
    `That says ${clean(text)}; the name is ${expects}`,
    'it must match exactly',
    [`Type ${expects}.`],
    2,
  )
}

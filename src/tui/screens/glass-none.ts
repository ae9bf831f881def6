import { baselinesOf, isWhole } from '../../core/baseline.ts'
import type { DeckFacts, GlassChoice } from '../../core/deck.ts'
import type { Plan } from '../../core/plan.ts'
import { wrap } from '../../core/text.ts'
import { empty, fit, line, muted, strong, t, type Line } from '../line.ts'
import { bad, sentence, unknownLine, warn } from '../words.ts'
import { stepCommands } from './step-commands.ts'

/** Break glass without a baseline to take: being looked up, unreadable, damaged, or none was ever made. */
export function noBaseline(
  { facts, checking }: DeckFacts,
  {
    choices,
    failed,
    environment,
    broken,
  }: { choices: readonly GlassChoice[] | null; failed: string | null; environment: string; broken: boolean },
  columns: number,
): Line[] {
  const intro = [line(`  Restore ${environment} from a frozen baseline.`), empty]
  if (!facts.backups.ok) {
    const why = unknownLine(facts.backups, checking.has('backups'), new Date(facts.at), () => empty)
    return [...intro, fit(line('  ', why), columns - 1)]
  }
  if (choices === null)
    return [
      ...intro,
      failed === null ? muted('  checking…') : line('  ', bad(`The baselines could not be read: ${failed}`)),
    ]
  const damaged = baselinesOf(facts.backups.value).filter((one) => !isWhole(one))
  const said = (text: string): Line[] => wrap(text, columns - 4).map((each) => line('  ', each))
  return [
    ...intro,
    ...damaged.map((each) => line('  ', bad(`${each.id} is ${each.state}: ${each.because ?? 'not usable'}`))),
    ...(damaged.length > 0
      ? said('knowngood baseline verify reads it again.')
      : [line('  ', warn('There is no baseline yet.'))]),
    empty,
    ...said('One is made while all is well, and proven by putting it into a scratch place:'),
    line('     knowngood baseline create NAME'),
    empty,
    ...said(
      `What there is instead${broken ? ', once knowngood.yaml is mended' : ''}: r on the dashboard rolls back to an earlier release;`,
    ),
    ...said('B lists every backup, and r there puts the data of one back.'),
  ]
}

/** The plan with its commands, for the pane on a wide terminal. */
export function planDetail(plan: Plan | null, columns: number): Line[] {
  if (plan === null) return []
  const wrapped = (text: string): Line[] => wrap(sentence(text), columns).map((each) => t(each))
  return [
    ...plan.loses.flatMap(wrapped),
    empty,
    ...plan.steps.flatMap((step) => [strong(step.title), ...stepCommands(step).map((text) => muted(`  ${text}`))]),
  ]
}

import { age, moment, size as bytes, stretch } from '../../core/age.ts'
import type { GlassChoice } from '../../core/deck.ts'
import { allSteps, type Plan } from '../../core/plan.ts'
import { clean, width, wrap } from '../../core/text.ts'
import { empty, firstFit, fit, line, muted, pad, strong, t, type Line } from '../line.ts'
import { glyph } from '../theme.ts'
import { good, sentence, sinceThen, warn } from '../words.ts'
import { stepCommands } from './step-commands.ts'

/** A row and how much it matters: where there is no room the least goes first. */
type Weighed = { row: Line; weight: number }

export type GlassLook = {
  choice: GlassChoice
  environment: string
  /** Which of how many baselines it is: "1 of 2"; empty for the only one. */
  which: string
  plan: Plan | null
  /** Whether it is the one that would run: until then its names may change. */
  settled: boolean
  failed: string | null
  /** Names of all parts, those that are put back, and the one the pointer is on; -1 for none. */
  parts: readonly string[]
  taken: readonly string[]
  at: number
  keepData: boolean
  /** What the run that is going is, in words; null when none is. */
  running: string | null
  now: Date
  columns: number
}

const LABEL = 9

/** What breaking the glass does: from, loses, first, undo, takes, chain. At most `room` rows. */
export function glassRows(look: GlassLook, room: number): Line[] {
  const warned = mind(look)
  const all = fitting(weighedRows(look, warned), room)
  // Half a warning warns of nothing: where they do not all fit, one row says how many there are.
  const whole = warned.every((each) => all.includes(each))
  const shown = whole ? all : fitting(weighedRows(look, minded(look)), room)
  return shown.map((each) => fit(each.row, look.columns - 1))
}

function weighedRows(look: GlassLook, warned: readonly Weighed[]): Weighed[] {
  return [
    say(3, firstFit(introOf(look.environment), look.columns - 1)),
    say(2, empty),
    ...row(look, 'From', 10, fromLines(look)),
    ...row(look, 'Loses', 9.8, losesLine(look)),
    ...moreLosses(look),
    ...row(
      look,
      'First',
      7,
      named(look, ({ names }) => keptAs(names['snapshot'] ?? '')),
    ),
    ...row(
      look,
      'Undo',
      9,
      named(look, ({ names }) => undoneBy(names['run'] ?? '')),
    ),
    ...row(look, 'Takes', 8, takesLine(look.choice)),
    ...inTheWay(look),
    say(1, empty),
    ...row(look, 'Chain', 5, chainLine(look)),
    ...row(look, 'Parts', 8.5, partsLine(look)),
    ...warned,
    say(1, empty),
  ]
}

/** Rows in their order, the least of them left out until the rest fits. */
function fitting(rows: readonly Weighed[], room: number): Weighed[] {
  let shown = [...rows]
  while (shown.length > room) {
    const least = Math.min(...shown.map((each) => each.weight))
    shown = shown.toSpliced(
      shown.findLastIndex((each) => each.weight === least),
      1,
    )
  }
  return shown
}

const say = (weight: number, row: Line): Weighed => ({ row, weight })

function row(look: GlassLook, label: string, weight: number, wordings: readonly Line[]): Weighed[] {
  const pointed = label === 'Parts' && look.at >= 0
  const gutter = pointed ? t(`${glyph.pointer} `, 'key') : line('  ')
  return [say(weight, line(gutter, pad(muted(label), LABEL), firstFit(wordings, look.columns - LABEL - 3)))]
}

/** Wordings that the plan gives; while it is made, that it is. */
function told({ plan, failed }: GlassLook, show: (plan: Plan) => Line[]): Line[] {
  return plan !== null ? show(plan) : [muted(failed === null ? 'checking…' : 'unknown')]
}

/** What the plan decided to name: said once it is the one that would run. */
function named(look: GlassLook, show: (plan: Plan) => Line[]): Line[] {
  return told(look.settled ? look : { ...look, plan: null }, show)
}

const introOf = (environment: string): Line[] => [
  line(`  Restore ${environment} from a frozen baseline. Gate is skipped, lock taken.`),
  line(`  Restore ${environment} from a frozen baseline. No gate; lock taken.`),
  line(`  Restore ${environment} from a frozen baseline.`),
]
const keptAs = (name: string): Line[] => [line(`what is live now is kept as ${name}`), line(`kept as ${name}`)]
const undoneBy = (run: string): Line[] => [line(`knowngood restore --undo ${run}`), line(`restore --undo ${run}`)]

function fromLines({ choice, which, now }: GlassLook): Line[] {
  const { id, at, bytes: weight, rung, provenAt } = choice.baseline
  const proof = rung === 'restored' ? good(`restored ${age(provenAt ?? at, now)}`) : warn(`${rung}, never restored`)
  const more = which === '' ? empty : muted(`   ${which}`)
  const name = strong(id)
  return [
    line(name, `   ${age(at, now)}   ${bytes(weight)}   `, proof, more),
    line(name, `   ${age(at, now)}   `, proof, more),
    line(name, `   ${age(at, now)}   `, proof),
    line(name, `  ${age(at, now)}  ${rung}`),
    line(name, `  ${age(at, now)}`),
  ]
}

function losesLine(look: GlassLook): Line[] {
  const { choice, now, parts, taken, plan } = look
  const since = sinceThen(choice.baseline.at, now)
  const data = dataOf(look)
  if (plan !== null && data.length === 0) return [line('no data: databases and files stay as they are')]
  const whole = taken.length === parts.length && !look.keepData
  return [
    t(whole ? `everything written since ${since}` : `what was written to ${data.join(', ')} since ${since}`, 'danger'),
    t(`what was written since ${moment(choice.baseline.at, now)}`, 'danger'),
  ]
}

/** The sources that are replaced, as the plan has them. */
function dataOf({ plan, taken }: GlassLook): string[] {
  if (plan === null) return taken.filter((name) => name !== 'code')
  return (plan.names['sources'] ?? '').split(' ').flatMap((pair) => pair.split('=')[0] || [])
}

/** What else goes: caches that are emptied, the code that goes back. */
function moreLosses({ plan, columns }: GlassLook): Weighed[] {
  const others = (plan?.loses ?? []).filter((text) => !text.startsWith('What was written to '))
  return others.flatMap((text) =>
    wrap(sentence(text), columns - LABEL - 4).map((each) => say(6, line(' '.repeat(LABEL + 2), each))),
  )
}

function takesLine({ takesMs }: GlassChoice): Line[] {
  if (takesMs === null)
    return [
      muted('not measured yet; knowngood emergency --rehearse measures it'),
      muted('not measured: knowngood emergency --rehearse'),
    ]
  const long = takesMs < 60_000 ? 'under a minute' : `about ${stretch(takesMs)}`
  return [line(`${long} (measured in the last rehearsal)`), line(long)]
}

/** What keeps it from starting, and what is going on. */
function inTheWay({ plan, failed, running, columns }: GlassLook): Weighed[] {
  const room = columns - 6
  const held = (plan?.holds ?? []).flatMap((hold) => wrap(`Held: ${hold.why}. ${sentence(hold.fix)}`, room))
  const broken = failed === null ? [] : wrap(`No plan could be made: ${failed}. enter tries again.`, room)
  const going =
    running === null
      ? []
      : wrap(`${running} ctrl-e asks it to stop first; else it is asked to make way, and its lock is taken.`, room)
  const marked = (texts: readonly string[], role: 'danger' | 'attention', weight: number): Weighed[] =>
    texts.map((text, index) =>
      say(weight - index * 0.1, line('  ', t(index === 0 ? `${glyph.warn} ${text}` : `  ${text}`, role))),
    )
  return [...marked(held, 'danger', 9.7), ...marked(broken, 'danger', 9.6), ...marked(going, 'attention', 9.5)]
}

const STAGES: readonly (readonly [name: string, is: (id: string) => boolean])[] = [
  ['disk', (id) => id === 'room'],
  ['baseline', (id) => id === 'witness'],
  ['snapshot', (id) => id.startsWith('backup')],
  ['restore', (id) => id.startsWith('swap.') || id.startsWith('beside.')],
  ['redis flush', (id) => id.startsWith('flush.')],
  ['code', (id) => id.startsWith('target.')],
  ['verify', (id) => id === 'verify'],
]

function chainLine(look: GlassLook): Line[] {
  return told(look, (plan) => {
    const ids = allSteps(plan).map((step) => step.id)
    const names = STAGES.flatMap(([name, is]) => (ids.some(is) ? [name] : []))
    if (names.length === 0) return [line('nothing: it is held')]
    return [line(names.join(' → ')), line(names.join('→'))]
  })
}

function partsLine({ parts, taken, at, keepData }: GlassLook): Line[] {
  const boxes = parts.map((name, index) =>
    line(
      index === 0 ? '' : '  ',
      t(`[${taken.includes(name) ? 'x' : ' '}] ${name}`, index === at ? 'key' : 'text', index === at),
    ),
  )
  if (keepData) return [line(...boxes, t('   data is kept', 'attention')), line(...boxes)]
  const hints = at >= 0 ? ['space takes it or leaves it'] : ['ctrl-t chooses, ctrl-d keeps data', 'ctrl-t chooses']
  return [...hints.map((hint) => line(...boxes, muted(`   ${hint}`))), line(...boxes)]
}

function mind({ plan, columns }: GlassLook): Weighed[] {
  return (plan?.warnings ?? []).flatMap((text) =>
    wrap(sentence(text), columns - 6).map((each, index) =>
      say(4, line('  ', index === 0 ? warn(each) : t(`  ${each}`, 'attention'))),
    ),
  )
}

/** All that is to be minded, in one row. */
function minded({ plan, columns }: GlassLook): Weighed[] {
  const [first = '', ...more] = plan?.warnings ?? []
  const counted =
    more.length === 0 ? 'one thing to mind; ctrl-x says it' : `${more.length + 1} things to mind; ctrl-x lists them`
  const alone = more.length === 0 && width(sentence(first)) <= columns - 6
  return [say(8.2, line('  ', warn(alone ? sentence(first) : counted)))]
}

/** The exact commands in their order, to be run by hand when nothing else works. */
export function commandLines(plan: Plan): string[] {
  const part = (steps: Plan['steps']) =>
    steps.flatMap((step) => [
      '',
      `# ${clean(step.title)}${step.detail === undefined ? '' : `: ${clean(step.detail)}`}`,
      ...stepCommands(step),
    ])
  return [
    `# ${clean(plan.title)}`,
    '# Each step only after the one before it went well.',
    ...plan.warnings.map((text) => `# Mind: ${clean(text)}`),
    ...part(plan.steps),
    '',
    '# In every case, last',
    ...part(plan.always),
  ]
}

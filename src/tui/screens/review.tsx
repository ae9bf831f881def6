import { useEffect, useRef, type ReactNode } from 'react'
import { duration } from '../../core/age.ts'
import type { DeckRequest } from '../../core/deck.ts'
import type { Plan, Step } from '../../core/plan.ts'
import { wrap } from '../../core/text.ts'
import { useKeys } from '../layers.ts'
import { columnOf, empty, fit, line, muted, pad, spread, strong, t, type Line } from '../line.ts'
import type { FormField } from '../nav.ts'
import { footer } from '../parts/footer.ts'
import { Page } from '../parts/page.tsx'
import { useRemembered, useSize, useStage } from '../stage.ts'
import { glyph } from '../theme.ts'
import { useCursor } from '../use-cursor.ts'
import { useStore } from '../use-store.ts'
import { goTo, review } from '../verbs.ts'
import { crumbOf, sentence } from '../words.ts'
import { stepCommands } from './step-commands.ts'

type Crossing = Extract<DeckRequest, { op: 'rollback' } | { acceptSchema: boolean }>

/** Whether it is asked for in a way that can accept another schema revision. */
const crossesSchemas = (request: DeckRequest): request is Crossing =>
  request.op === 'rollback' || 'acceptSchema' in request

/** After these one goes on with the list they were asked from; after all others nothing is as it was. */
const LEADS_BACK: ReadonlySet<Plan['op']> = new Set(['verify', 'prune'])

/** The plan as it would run, and Y. Nothing has changed yet. */
export function Review({ plan, request }: { plan: Plan; request: DeckRequest }): ReactNode {
  const stage = useStage()
  const { deck, go, situation } = stage
  const size = useSize()
  const [commands, setCommands] = useRemembered(`commands ${plan.title}`, false)
  const { facts } = useStore(deck.facts)
  const branch = facts.git.ok ? facts.git.value.branch : ''
  const lines = [
    ...holdLines(plan, size.left, branch),
    ...lossLines(plan, size.left),
    ...stepLines(plan, commands, size.left),
  ]
  const cursor = useCursor(`review ${plan.title}`, Math.max(1, lines.length - size.body + 1), size.body)
  const held = plan.holds[0]
  const off = {
    yes: held === undefined ? null : `it is held: ${held.why}`,
    backup: plan.holds.some((hold) => hold.key === 'b') ? null : 'this plan needs none',
    gate: plan.holds.some((hold) => hold.key === 'g') ? null : 'this plan does not wait for it',
    acceptSchema:
      crossesSchemas(request) && plan.holds.some((hold) => hold.id.includes('schema'))
        ? null
        : 'no schema revision is in the way',
  }
  const without = (['backup', 'gate', 'acceptSchema', 'yes', 'open'] as const).filter(
    (id) => id === 'open' || off[id] !== null,
  )

  const seen = useRef(facts)
  useEffect(() => {
    // A held plan may be free by now; one without holds stays exactly what is being read.
    if (seen.current === facts || held === undefined) return
    seen.current = facts
    void review(stage, request, 'replace')
    // oxlint-disable-next-line react/exhaustive-deps -- only a fresh look at the facts matters
  }, [facts])

  const start = async (answers: Record<string, string>): Promise<void> => {
    const run = await deck.start(plan, answers)
    go({ do: LEADS_BACK.has(plan.op) ? 'replace' : 'home', screen: { place: 'running', run } })
  }
  const yes = (): void => {
    const reviewed = Object.fromEntries(plan.asks.filter((ask) => ask.kind === 'review').map((ask) => [ask.id, 'yes']))
    const fields = plan.asks
      .filter((ask) => ask.kind !== 'review')
      .toSorted((a, b) => Number(a.kind === 'typed') - Number(b.kind === 'typed'))
    if (fields.length === 0) return void stage.attempt(() => start(reviewed))
    go({
      do: 'over',
      overlay: {
        place: 'form',
        title: crumbOf(plan.title, deck),
        says: plan.loses.map(sentence),
        fields: fields.map(asField),
        submit: (values) => start({ ...reviewed, ...values }),
      },
    })
  }
  const verbs = goTo(stage)
  useKeys(
    {
      place: 'review',
      off,
      handlers: {
        ...cursor.handlers,
        yes,
        commands: () => setCommands((shown) => !shown),
        acceptSchema: () =>
          crossesSchemas(request) && void review(stage, { ...request, acceptSchema: true }, 'replace'),
        backup: verbs.backup ?? noop,
        gate: verbs.gate ?? noop,
        open: () => stage.toast(held === undefined ? 'enter never starts anything; Y does.' : `Held: ${held.why}.`),
        copy: () =>
          void stage
            .attempt(() => deck.copy(lines.map((each) => each.map((span) => span.text).join('')).join('\n')))
            .then(() => stage.toast('Copied the plan.')),
      },
    },
    { guard: true },
  )
  return (
    <Page
      crumb={crumbOf(plan.title, deck)}
      right={muted('not started yet')}
      body={visible(lines, cursor.index, size.body)}
      detail={() => plan.steps.flatMap((step) => [strong(step.title), ...asCommands(step, size.pane, '  ')])}
      footer={footer({ place: 'review', situation, columns: size.columns, off, without })}
    />
  )
}

const noop = (): void => undefined

function asField(ask: Plan['asks'][number]): FormField {
  const label = ask.kind === 'reason' ? 'Reason (goes in the audit log)' : `Type   ${ask.expects ?? ''}   to confirm`
  return { id: ask.id, label, required: true, ...(ask.expects === undefined ? {} : { expects: ask.expects }) }
}

/** As many lines as there is room for; the last row says how many are left below. */
function visible(lines: readonly Line[], from: number, room: number): Line[] {
  const below = lines.length - from - room
  if (below <= 0) return lines.slice(from, from + room)
  return [...lines.slice(from, from + room - 1), muted(`  … ${below + 1} more below`)]
}

const FIXES: Readonly<Record<string, string>> = {
  b: 'Back up now',
  g: 'Go to the gate',
  S: 'Accept the other schema revision, if that code works with it',
}

function fixOf(hold: Plan['holds'][number], branch: string): Line {
  const key = hold.id.includes('schema') ? 'S' : hold.key
  const named = key === undefined ? undefined : FIXES[key]
  if (key === undefined || named === undefined) return muted(`     ${spoken(hold.fix, branch)}`)
  return line('     ', t(key, 'key'), `  ${named}`)
}

/** As a sentence, unless it begins with the branch. */
function spoken(text: string, branch: string): string {
  return text.split(' ', 1)[0] === branch ? text : sentence(text)
}

function holdLines(plan: Plan, columns: number, branch: string): Line[] {
  if (plan.holds.length === 0) return []
  return [
    strong(`  Held: ${plan.holds.length === 1 ? 'one thing is' : `${plan.holds.length} things are`} in the way`),
    ...plan.holds.flatMap((hold) => [
      ...wrap(spoken(hold.why, branch), columns - 8).map((text, index) =>
        line('  ', index === 0 ? t(`${glyph.warn}  `, 'attention') : '   ', text),
      ),
      fit(fixOf(hold, branch), columns - 2),
    ]),
    empty,
  ]
}

function lossLines(plan: Plan, columns: number): Line[] {
  const said = (texts: readonly string[], role: 'danger' | 'attention'): Line[] =>
    texts.flatMap((text) =>
      wrap(sentence(text), columns - 7).map((each, index) => t(`  ${index === 0 ? glyph.warn : ' '} ${each}`, role)),
    )
  const all = [...said(plan.loses, 'danger'), ...said(plan.warnings, 'attention')]
  return all.length === 0 ? [] : [...all, empty]
}

function stepLines(plan: Plan, commands: boolean, columns: number): Line[] {
  const titles = Math.max(
    21,
    columnOf(
      plan.steps.map((step) => step.title),
      30,
    ) + 2,
  )
  const rows = plan.steps.flatMap((step, index) => [
    stepLine(String(index + 1), step, titles, columns),
    ...nested(step, titles, columns),
    ...(commands ? asCommands(step, columns - 2, '       ') : []),
  ])
  const last = plan.always.map((step) => stepLine(glyph.open, step, titles, columns))
  return [strong('  It will'), ...rows, ...(last.length === 0 ? [] : [muted('  and whatever happens'), ...last])]
}

/** What is inside a step, its details under those of the steps. */
function nested(step: Step, titles: number, columns: number): Line[] {
  return (step.steps ?? []).map((each) =>
    fit(line('       ', pad(line(each.title), titles - 3), '  ', muted(each.detail ?? '')), columns - 2),
  )
}

function stepLine(number: string, step: Step, titles: number, columns: number): Line {
  const took = step.expect?.ms === undefined ? empty : muted(`about ${duration(step.expect.ms)}  `)
  return spread(
    line('  ', pad(line(number), 2, 'right'), '  ', pad(line(step.title), titles - 2), '  ', muted(step.detail ?? '')),
    took,
    columns,
  )
}

function asCommands(step: Step, columns: number, indent: string): Line[] {
  return stepCommands(step).flatMap((text) =>
    wrap(text, columns - indent.length - 2).map((each, index) =>
      muted(`${indent}${index === 0 && !text.startsWith('#') ? '$ ' : '  '}${each}`),
    ),
  )
}

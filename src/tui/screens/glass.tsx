import { useRef, useState, type ReactNode } from 'react'
import { clockTime } from '../../core/age.ts'
import type { GlassChoice } from '../../core/deck.ts'
import { applyText, useKeys } from '../layers.ts'
import { line, muted, t, type Line } from '../line.ts'
import { footer } from '../parts/footer.ts'
import { Page } from '../parts/page.tsx'
import { useRemembered, useSize, useStage } from '../stage.ts'
import { glyph } from '../theme.ts'
import { useBaselines, useGlassPlan, type GlassRequest } from '../use-glass.ts'
import { useStore } from '../use-store.ts'
import { formRows, mistakeOf, type Field } from './glass-form.ts'
import { commandLines, glassRows } from './glass-lines.ts'
import { noBaseline, planDetail } from './glass-none.ts'

type State = {
  /** The baseline's id; null for the first that is offered. */
  baseline: string | null
  left: readonly string[]
  keepData: boolean
  reason: string
  /** The reason the plan is made with: what was written when its field was left. */
  given: string
  typed: string
  field: Field
  pointer: number
}

const FRESH: State = {
  baseline: null,
  left: [],
  keepData: false,
  reason: '',
  given: '',
  typed: '',
  field: 'reason',
  pointer: 0,
}

const MEMORY = 'glass'

/** Break glass: what will be lost, how long it takes, how to undo it; a reason, the typed name, and enter. */
export function Glass(): ReactNode {
  const stage = useStage()
  const { deck, go, situation, memory } = stage
  const { running } = situation
  const size = useSize()
  const look = useStore(deck.facts)
  const [opened] = useState(() => deck.now())
  const [state, change] = useRemembered<State>(MEMORY, FRESH)
  const [wrong, setWrong] = useState('')
  const starting = useRef(false)
  const { choices, failed } = useBaselines()
  const choice = choices?.find(({ baseline }) => baseline.id === state.baseline) ?? choices?.[0]
  const name = `${deck.project}-${deck.environment}`
  const parts = choice === undefined ? [] : partsOf(choice)
  const taken = parts.filter((part) => !state.left.includes(part))
  const seen = useGlassPlan(choice === undefined ? null : asked(choice, state.given), running?.id ?? '')
  const set = (next: Partial<State>): void => {
    setWrong('')
    change((old) => ({ ...old, ...next }))
  }

  function asked({ baseline }: GlassChoice, reason: string): GlassRequest {
    return {
      op: 'emergency',
      baseline: baseline.id,
      only: taken.length === parts.length ? [] : taken,
      keepData: state.keepData,
      ...(reason === '' ? {} : { reason }),
    }
  }
  const goTo = (field: Field): void => set({ field, given: state.reason.trim() })
  function other(): void {
    if (choices === null || choice === undefined) return
    const next = choices[(choices.indexOf(choice) + 1) % choices.length]
    set({ baseline: next?.baseline.id ?? null, left: [], pointer: 0 })
  }
  function enter(): void {
    if (state.field === 'parts') return goTo('reason')
    const mistake = mistakeOf({ ...state, name })
    // A field that is still to be written is where enter leads, not a mistake.
    if (state.field === 'reason' && mistake?.field !== 'reason') return goTo('typed')
    if (mistake !== null) {
      goTo(mistake.field)
      return setWrong(mistake.says)
    }
    if (choice !== undefined && !starting.current) void start(choice)
  }
  async function start(chosen: GlassChoice): Promise<void> {
    starting.current = true
    const reason = state.reason.trim()
    setWrong('Starting…')
    const run = await stage.attempt(async () => {
      // What is read on the screen is what runs; only what it was not made for is planned anew.
      const plan =
        seen.fresh && seen.plan !== null && reason === state.given ? seen.plan : await deck.plan(asked(chosen, reason))
      const hold = plan.holds[0]
      if (hold !== undefined) return { held: `Held: ${hold.why}. ${hold.fix}` }
      return { run: await deck.start(plan, { reason, typed: state.typed }) }
    })
    starting.current = false
    if (run === null) return setWrong('')
    if ('held' in run) return setWrong(run.held ?? '')
    memory.delete(MEMORY)
    go({ do: 'home', screen: { place: 'running', run: run.run } })
  }
  function leave(): void {
    // What was typed to confirm confirms nothing later.
    memory.delete(MEMORY)
    go({ do: 'back' })
  }
  async function stopFirst(): Promise<void> {
    if (running === null) return
    go({ do: 'live', run: running })
    const done = await stage.attempt(async () => {
      await deck.stop(running.id)
      return true
    })
    if (done !== null) stage.toast('It was asked to stop; this screen says when nothing runs any more.')
  }
  const { plan } = seen
  const off = {
    otherBaseline: (choices?.length ?? 0) > 1 ? null : 'there is no other baseline',
    printCommands: plan === null ? 'the plan is still being made' : null,
    choose: state.field === 'parts' ? null : 'ctrl-t goes to the parts',
  }
  const pointed = parts[state.pointer]
  const move = (by: number) => (): void => set({ pointer: Math.max(0, Math.min(parts.length - 1, state.pointer + by)) })
  useKeys(
    {
      place: 'glass',
      off,
      handlers: {
        back: leave,
        open: enter,
        nextField: () => goTo(({ reason: 'typed', typed: 'parts', parts: 'reason' } as const)[state.field]),
        otherBaseline: other,
        only: () => goTo('parts'),
        keepData: () => set({ keepData: !state.keepData }),
        stopFirst: () => void stopFirst(),
        up: move(-1),
        down: move(1),
        choose: () =>
          pointed !== undefined &&
          set({
            left: state.left.includes(pointed)
              ? state.left.filter((each) => each !== pointed)
              : [...state.left, pointed],
          }),
        printCommands: () => {
          if (plan === null) return
          const lines = commandLines(plan)
          const title = 'Break glass by hand'
          go({ do: 'open', screen: { place: 'reader', title, load: () => Promise.resolve(lines), atEnd: false } })
        },
      },
      ...(choice === undefined || state.field === 'parts'
        ? {}
        : {
            write: (edit) => {
              const { field } = state
              if (field === 'parts') return
              setWrong('')
              change((old) => ({ ...old, [field]: applyText(old[field], edit) }))
            },
          }),
    },
    { guard: true },
  )

  const form = choice === undefined ? [] : formRows({ ...state, name, wrong }, size.left)
  const body: Line[] =
    choice === undefined
      ? noBaseline(look, { choices, failed, environment: deck.environment, broken: deck.broken !== null }, size.left)
      : [
          ...glassRows(
            {
              choice,
              environment: deck.environment,
              which: whichOf(choices ?? [], choice),
              plan,
              settled: seen.fresh,
              failed: seen.failed,
              parts,
              taken,
              at: state.field === 'parts' ? state.pointer : -1,
              keepData: state.keepData,
              running: running === null ? null : `${withArticle(running.op)} is running (${running.id}).`,
              now: opened,
              columns: size.left,
            },
            size.body - form.length,
          ),
          ...form,
        ]
  const ready = choice !== undefined && state.field === 'typed' && mistakeOf({ ...state, name }) === null
  return (
    <Page
      chip="BREAK GLASS"
      rule="double"
      right={muted(`you are ${deck.operator}@${deck.host}    ${clockTime(opened.toISOString()).slice(0, 5)}Z`)}
      body={body}
      detail={() => planDetail(plan, size.pane)}
      footer={footer({
        place: 'glass',
        situation,
        columns: size.columns,
        off,
        labels: {
          back: 'leave, nothing has changed',
          ...(ready ? { open: 'restore' } : {}),
          ...(running === null ? {} : { stopFirst: 'stop the run first' }),
        },
        lead: ready ? t(`${glyph.warn} enter starts it`, 'attention') : line(),
        without: [
          ...(['copy', 'palette', 'help', 'leave'] as const),
          ...(ready ? [] : (['open'] as const)),
          ...(running === null ? (['stopFirst'] as const) : []),
          ...(state.field === 'parts' ? [] : (['choose'] as const)),
          ...(choice === undefined
            ? (['nextField', 'otherBaseline', 'printCommands', 'only', 'keepData'] as const)
            : []),
        ],
      })}
    />
  )
}

const withArticle = (op: string): string => `${/^[aeiou]/.test(op) ? 'An' : 'A'} ${op}`

const whichOf = (choices: readonly GlassChoice[], choice: GlassChoice): string =>
  choices.length > 1 ? `${choices.indexOf(choice) + 1} of ${choices.length}` : ''

/** The sources a baseline puts back, and the code where it knows its commit. */
function partsOf({ baseline, sources }: GlassChoice): string[] {
  return [...sources, ...(baseline.commit === null || sources.includes('code') ? [] : ['code'])]
}

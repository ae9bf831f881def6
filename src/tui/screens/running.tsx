import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react'
import { clockTime, duration } from '../../core/age.ts'
import { allSteps } from '../../core/plan.ts'
import { useKeys } from '../layers.ts'
import { empty, line, muted, t, widthOf, type Line } from '../line.ts'
import { footer } from '../parts/footer.ts'
import { nameLine } from '../parts/page-lines.ts'
import { Page } from '../parts/page.tsx'
import { useSpinner } from '../parts/spinner.ts'
import { useRemembered, useSize, useStage } from '../stage.ts'
import { glyph } from '../theme.ts'
import { useStore } from '../use-store.ts'
import { windowStart } from '../window.ts'
import { endLines, journalLines, swapsBack } from './run-end.ts'
import { logLines, paneRule } from './run-log.ts'
import { review } from '../verbs.ts'
import { crumbOf } from '../words.ts'
import { activeStep, failedWords, progressWords, stopWords, stepRows, visibleSteps } from './run-tree.ts'

/** A run, step by step, with what the selected step says. It is a process of its own: this only watches. */
export function Running({ run }: { run: string }): ReactNode {
  const stage = useStage()
  const { deck, go, situation } = stage
  const size = useSize()
  const store = useMemo(() => deck.watch(run), [deck, run])
  const view = useStore(store)
  const [chosen, setChosen] = useState<string | null>(null)
  const [asked, setAsked] = useRemembered(`stop ${run}`, false)
  const over = view !== null && view.end !== null
  const spinner = useSpinner(view !== null && !over)
  const now = useTick(deck.now, view !== null && !over && !stage.spoken)

  const exit = view?.end?.exit ?? null
  const failedRelease = exit === 7 && view?.plan.op === 'deploy'
  useEffect(() => {
    // What the toast promised when it began no longer holds.
    if (exit !== null) go({ do: 'toast', text: null })
    if (failedRelease) go({ do: 'replace', screen: { place: 'failed', run } })
    // oxlint-disable-next-line react/exhaustive-deps -- once, when it ends
  }, [exit])

  const active = view === null ? null : activeStep(view)
  const look = useStore(deck.facts)
  const before = useRef(look.facts)
  const died =
    look.facts !== before.current &&
    look.facts.runs.ok &&
    look.facts.runs.value.some((each) => each.id === run && each.state === 'interrupted')
  const silent = view?.died === true
  useEffect(() => {
    // What is left to do is found by a fresh look.
    if (silent) void stage.attempt(() => deck.refresh())
    // oxlint-disable-next-line react/exhaustive-deps -- once, when its process is found gone
  }, [silent])
  useEffect(() => {
    if (died && !over) go({ do: 'replace', screen: { place: 'interrupted', run } })
    // oxlint-disable-next-line react/exhaustive-deps -- once, when it is found out
  }, [died])

  const op = view?.plan.op
  useEffect(() => {
    if (op !== undefined && !over && stage.nav.live?.id !== run) go({ do: 'live', run: { id: run, op } })
    // oxlint-disable-next-line react/exhaustive-deps -- once, when it is seen going
  }, [op, over])

  const selected = chosen ?? (over && exit === 0 ? '' : active) ?? ''
  const end =
    view === null ? [] : [...journalLines(view, size.left), ...(view.end ? endLines(view, view.end, size.left) : [])]
  // The log keeps at least three rows; the tree takes what it needs of the rest.
  const pane =
    size.pane > 0
      ? 0
      : Math.max(4, size.body - (view === null ? 0 : visibleSteps(view, size.body, selected).length) - end.length)
  const room = Math.max(1, size.body - pane - end.length)
  const tree = view === null ? [] : visibleSteps(view, room, selected)
  const index = tree.findIndex((row) => row.step.id === selected)
  const move = (by: number) => (): void => {
    const to = tree[Math.max(0, Math.min(tree.length - 1, (index < 0 ? tree.length - 1 : index) + by))]
    if (to) setChosen(to.step.id)
  }
  const failed = view === null ? null : failedWords(view)
  const stopOff = over
    ? 'the run has ended'
    : asked
      ? 'it was already asked to stop'
      : view === null
        ? 'the run has not begun'
        : failed !== null
          ? 'it failed, and ends by itself'
          : stopWords(view) === null
            ? 'it is past the last safe point'
            : null
  const swappable = over && exit === 0 && view !== null && swapsBack(view.plan)
  const undoOff = swappable ? null : 'only a restore that is done can be swapped back'
  const forgetOff = swappable ? null : 'only a restore that is done keeps anything'
  const readLog = (): void => {
    const load = async (): Promise<readonly string[]> => {
      const said = await deck.runLog(run)
      return said.length === 0 ? ['No step of this run had anything to say.'] : said
    }
    go({ do: 'open', screen: { place: 'reader', title: `Log of ${run}`, load, atEnd: true } })
  }
  useKeys({
    place: 'running',
    off: { stop: stopOff, follow: over ? 'the run has ended' : null, undoRestore: undoOff, forget: forgetOff },
    handlers: {
      up: move(-1),
      down: move(1),
      pageUp: move(-room),
      pageDown: move(room),
      home: move(-tree.length),
      end: move(tree.length),
      follow: () => setChosen(null),
      fullLog: readLog,
      stop: () => void stop(),
      undoRestore: () => void review(stage, { op: 'restore', undo: run }),
      forget: () => void review(stage, { op: 'restore', forget: run }),
      copy: () => void stage.attempt(() => deck.copy(run)).then(() => stage.toast(`Copied ${run}.`)),
      ...(view === null || over ? {} : { back: () => leaveRunning() }),
    },
  })
  async function stop(): Promise<void> {
    const when = view === null ? null : stopWords(view)
    const done = await stage.attempt(async () => {
      await deck.stop(run)
      return true
    })
    if (done === null) return
    setAsked(() => true)
    stage.toast(`It stops ${when ?? 'before the next step'}.`)
  }
  function leaveRunning(): void {
    stage.toast('It goes on by itself; enter on the dashboard comes back to it.')
    go({ do: 'back' })
  }

  if (view === null) {
    return (
      <Page
        crumb={run}
        right={muted('starting')}
        body={[muted('  The run is being started…')]}
        footer={footer({
          place: 'running',
          situation,
          columns: size.columns,
          without: ['stop', 'follow', 'undoRestore', 'forget'],
        })}
      />
    )
  }
  const first = windowStart(Math.max(0, index), tree.length, room)
  const rows = stepRows(tree, view, { columns: size.left, now, spinner, selected: chosen, active }).slice(
    first,
    first + room,
  )
  const name = allSteps(view.plan).find((step) => step.id === selected)?.title ?? 'output'
  const log = (columns: number, count: number): Line[] => logLines(view, selected, columns, count, 4)
  const states = [progressWords(view, selected, now), chosen === null && !over ? 'following' : '']
    .filter((text) => text !== '')
    .join(', ')
  const narrow: Line[] =
    pane === 0 ? [] : [paneRule(name, states, size.columns), ...padTop(log(size.columns - 3, pane - 1), pane - 1)]
  const fill = Array.from(
    { length: pane === 0 ? 0 : Math.max(0, size.body - rows.length - end.length - narrow.length) },
    () => empty,
  )
  const safe = stopWords(view)
  const crumb = crumbOf(view.plan.title, deck)
  const until = view.end?.at ?? [now.toISOString(), view.events.at(-1)?.at ?? ''].toSorted().at(-1) ?? ''
  const time = `${over ? 'took' : 'running'} ${duration(spent(view.startedAt, until))}`
  const clock = `   ${clockTime(now.toISOString()).slice(0, 5)}Z`
  // The name of what runs is worth more than the time of day.
  const whole = widthOf(nameLine({ ...deck, demo: false }, { crumb })) + time.length + clock.length + 2
  const lead = over
    ? t(outcomeWord(exit), exit === 0 ? 'ok' : 'danger')
    : failed !== null
      ? t(failed, 'danger')
      : asked
        ? t('stopping at the next safe point', 'attention')
        : safe === null
          ? empty
          : line(`safe to stop ${safe} `)
  return (
    <Page
      crumb={crumb}
      right={muted(whole > size.columns ? time : time + clock)}
      body={[...rows, ...fill, ...end, ...narrow]}
      detail={() => [paneRule(name, states, size.pane), ...log(size.pane, size.body - 1)]}
      footer={footer({
        place: 'running',
        situation,
        columns: size.columns,
        lead,
        off: { stop: stopOff },
        without: [
          ...(over ? (['stop', 'follow'] as const) : (['back'] as const)),
          ...(failed === null ? [] : (['stop'] as const)),
          ...(swappable ? [] : (['undoRestore', 'forget'] as const)),
        ],
        labels: { help: '' },
      })}
    />
  )
}

function padTop(lines: readonly Line[], rows: number): Line[] {
  return [...lines, ...Array.from({ length: Math.max(0, rows - lines.length) }, () => empty)]
}

const spent = (from: string, to: string): number => Date.parse(to) - Date.parse(from)

function outcomeWord(exit: number | null): string {
  return exit === 0 ? `${glyph.ok} done` : `${glyph.bad} exit ${exit ?? ''}`
}

/** The time, moving once a second while something runs and standing still otherwise. */
function useTick(read: () => Date, active: boolean): Date {
  const [now, setNow] = useState(read)
  useEffect(() => {
    setNow(read())
    if (!active) return
    const timer = setInterval(() => setNow(read()), 1_000)
    return () => clearInterval(timer)
    // oxlint-disable-next-line react/exhaustive-deps -- the clock itself does not change
  }, [active])
  return now
}

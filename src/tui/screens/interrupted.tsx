import { useEffect, useState, type ReactNode } from 'react'
import { age } from '../../core/age.ts'
import type { Inspection } from '../../core/deck.ts'
import { wrap } from '../../core/text.ts'
import { useKeys } from '../layers.ts'
import { columnOf, empty, fit, line, muted, pad, strong, t, type Line } from '../line.ts'
import { useChoices, type Choices } from '../parts/choices.tsx'
import { footer } from '../parts/footer.ts'
import { Page, type Row } from '../parts/page.tsx'
import { useSize, useStage } from '../stage.ts'
import { glyph } from '../theme.ts'
import { crumbOf, sentence, warn } from '../words.ts'

type Way = 'resume' | 'undo' | 'abandon'

const WAYS: readonly { id: Way; name: string; does: string }[] = [
  { id: 'resume', name: 'Resume', does: 'go on with the very plan that was reviewed' },
  { id: 'undo', name: 'Undo', does: 'put back what was done, last first' },
  { id: 'abandon', name: 'Abandon', does: 'leave everything as it is and close the run' },
]

/** A run that stopped half way: what was written down, what is really there, and the ways out. */
export function Interrupted({ run }: { run: string }): ReactNode {
  const stage = useStage()
  const { deck, go, situation } = stage
  const size = useSize()
  const [found, setFound] = useState<Inspection | null>(null)
  const look = async (): Promise<void> => setFound(await stage.attempt(() => deck.inspect(run)))
  useEffect(() => {
    void look()
    // oxlint-disable-next-line react/exhaustive-deps -- looked at once, and again on R
  }, [run])

  const settle = async (how: Way): Promise<void> => {
    const next = await stage.attempt(() => deck.settle(run, how))
    if (next === null) return
    void stage.attempt(() => deck.refresh())
    if (how === 'abandon') {
      go({ do: 'home' })
      return stage.toast(`${run} is closed; what it did is still there.`)
    }
    go({ do: 'home', screen: { place: 'running', run: next } })
  }
  const choose = (id: Way): void => {
    const chosen = WAYS.find((each) => each.id === id)
    if (chosen === undefined || found === null) return
    const { can, why } = found[chosen.id]
    if (!can) return stage.toast(`${chosen.name} is off: ${why}`)
    go({
      do: 'over',
      overlay: {
        place: 'sure',
        title: `${chosen.name}: ${found.run.title}`,
        says: [`It will ${chosen.does}.`, sentence(why)],
        act: () => void settle(chosen.id),
      },
    })
  }
  const ways = useChoices(
    found === null
      ? []
      : WAYS.map(({ id, name, does }) => ({
          id,
          says: `${name.padEnd(8)} ${found[id].can ? does : 'not possible now'}`,
        })),
    choose,
  )
  useKeys({
    place: 'interrupted',
    handlers: {
      ...ways.handlers,
      refresh: () => {
        setFound(null)
        void look()
      },
      fullLog: () =>
        go({
          do: 'open',
          screen: { place: 'reader', title: `Log of ${run}`, load: () => deck.runLog(run), atEnd: true },
        }),
      copy: () => void stage.attempt(() => deck.copy(run)).then(() => stage.toast(`Copied ${run}.`)),
    },
  })

  const body: Row[] =
    found === null
      ? [muted('  Looking at what is really there…')]
      : inspected(found, size.left, size.body, deck.now(), ways)
  return (
    <Page
      crumb={found === null ? 'Interrupted' : `Interrupted: ${crumbOf(found.run.title, deck)}`}
      body={body}
      detail={() =>
        found === null
          ? []
          : found.steps.flatMap((step) => [
              strong(step.title),
              ...wrap(`journal: ${step.journal}`, size.pane - 2).map((text) => muted(`  ${text}`)),
              ...wrap(`there: ${step.seen}`, size.pane - 2).map((text) => line(`  ${text}`)),
            ])
      }
      footer={footer({ place: 'interrupted', situation, columns: size.columns, labels: { open: 'choose' } })}
    />
  )
}

function inspected(found: Inspection, columns: number, rows: number, now: Date, ways: Choices<Way>): Row[] {
  const { run, steps } = found
  const head = `It stopped${run.lastStepTitle === null ? '' : ` at ${run.lastStepTitle}`} ${age(run.endedAt ?? run.startedAt, now)}. Nothing is running now.`
  const title = columnOf(
    steps.map((step) => step.title),
    22,
  )
  const journal = columnOf(['journal', ...steps.map((step) => step.journal)], 14)
  const begun = steps.map((step): Line =>
    fit(
      line(
        '  ',
        mark(step.state),
        '  ',
        pad(line(step.title), title),
        '  ',
        pad(muted(step.journal), journal),
        '  ',
        step.seen,
      ),
      columns - 1,
    ),
  )
  const why = (way: Way): string[] => wrap(sentence(found[way].why), columns - 8)
  const says = wrap(head, columns - 6)
  // What is said stands whole, whichever way is chosen; of the blank lines and the steps there are as many as fit.
  const most = Math.max(...WAYS.map(({ id }) => why(id).length))
  const room = rows - says.length - most - WAYS.length - 2
  const blank = room >= 4 ? [empty] : []
  const shown = Math.max(1, room - 2 * blank.length)
  const from = Math.max(0, Math.min(begun.length - shown, stoppedAt(steps) - Math.floor(shown / 2)))
  return [
    ...says.map((text, index) => (index === 0 ? line('  ', warn(text)) : line(`    ${text}`))),
    ...blank,
    line('  ', pad(strong('Step'), title + 3), '  ', pad(muted('journal'), journal), muted('  there now')),
    ...begun.slice(from, from + shown),
    ...blank,
    strong('  What now?'),
    ways.row,
    ...why(ways.chosen ?? 'resume').map((text) => muted(`     ${text}`)),
  ]
}

/** The place that says the most: the last step whose work is neither done nor put back. */
function stoppedAt(steps: Inspection['steps']): number {
  const open = steps.findLastIndex(({ journal }) => journal !== 'done' && journal !== 'put back')
  return open === -1 ? steps.length - 1 : open
}

function mark(state: string): Line {
  if (state === 'done') return t(glyph.ok, 'ok')
  if (state === 'foreign' || state === 'unknown') return t(glyph.bad, 'danger')
  return state === 'partial' || state === 'settling' ? t(glyph.warn, 'attention') : muted(glyph.open)
}

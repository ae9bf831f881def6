import { useEffect, useRef, useState, type ReactNode } from 'react'
import { duration, moment, stretch } from '../../core/age.ts'
import type { RollbackCandidate } from '../../core/facts.ts'
import type { Plan } from '../../core/plan.ts'
import { count } from '../../core/next-actions.ts'
import { wrap } from '../../core/text.ts'
import { useKeys } from '../layers.ts'
import { cells, columnOf, empty, fit, line, muted, pad, spread, strong, t, type Line } from '../line.ts'
import { footer } from '../parts/footer.ts'
import { Page } from '../parts/page.tsx'
import { useSize, useStage } from '../stage.ts'
import { glyph } from '../theme.ts'
import { useCursor, windowStart } from '../use-cursor.ts'
import { useFilter } from '../use-filter.ts'
import { useStore } from '../use-store.ts'
import { shortOid, sentence, warn } from '../words.ts'

const PREVIEW_MS = 150

/** What there is to go back to, and what going back to the selected one would do. */
export function Rollback(): ReactNode {
  const stage = useStage()
  const { deck, go, situation } = stage
  const size = useSize()
  const look = useStore(deck.facts)
  const now = new Date(look.facts.at)
  const [all, setAll] = useState<readonly RollbackCandidate[] | null>(null)
  const filter = useFilter('rollback')
  const list = (all ?? []).filter((each) => filter.matches(`${each.id} ${each.subject} ${each.kind} ${each.commit}`))
  const cursor = useCursor('rollback', list.length, 8)
  const chosen = list[cursor.index]
  const plan = usePreview(chosen)

  useEffect(() => {
    let gone = false
    void stage.attempt(() => deck.candidates()).then((found) => !gone && setAll(found ?? []))
    return () => {
      gone = true
    }
    // oxlint-disable-next-line react/exhaustive-deps -- looked up again with every fresh look at the facts
  }, [look.facts])

  const why =
    chosen === undefined
      ? 'there is nothing to choose'
      : chosen.offered
        ? null
        : `${chosen.id} is not offered: ${chosen.because ?? 'it is not usable'}`
  useKeys({
    place: 'rollback',
    off: { open: filter.writing ? null : why, compare: chosen === undefined ? 'there is nothing to choose' : null },
    handlers: {
      ...cursor.handlers,
      open: () => chosen && void openReview(chosen),
      compare: () => chosen && compare(chosen),
      copy: () =>
        chosen && void stage.attempt(() => deck.copy(chosen.id)).then(() => stage.toast(`Copied ${chosen.id}.`)),
      ...filter.handlers,
    },
    ...(filter.write ? { write: filter.write } : {}),
  })
  async function openReview(candidate: RollbackCandidate): Promise<void> {
    const request = { op: 'rollback', to: candidate.id } as const
    const made = await stage.attempt(() => deck.plan(request))
    if (made !== null) go({ do: 'open', screen: { place: 'review', plan: made, request } })
  }
  function compare(candidate: RollbackCandidate): void {
    const live = look.facts.git.ok ? look.facts.git.value.current : null
    const load = async (): Promise<string[]> => {
      const commits = await deck.commits(candidate.commit, live ?? 'HEAD')
      return commits.map(
        (each) => `${shortOid(each.oid)}  ${moment(each.at, now).padEnd(12)}  ${each.subject}  (${each.author})`,
      )
    }
    go({
      do: 'open',
      screen: { place: 'reader', title: `What going back to ${candidate.id} undoes`, load, atEnd: false },
    })
  }

  const wide = size.pane > 0
  const preview = chosen === undefined ? [] : previewLines(chosen, plan, wide ? size.pane : size.columns - 4, now)
  const below = wide ? [] : preview.slice(0, Math.max(0, size.body - Math.min(list.length, 4) - 2))
  const room = Math.max(1, size.body - 1 - (below.length === 0 ? 0 : below.length + 1))
  const first = windowStart(cursor.index, list.length, room)
  const at = columnsOf(list, size.left, now)
  const rows = list.map((each, index) => candidateRow(each, index === cursor.index, at, size.left, now))
  const body: Line[] = [
    heading(at, filter.title('Go back to …')),
    ...(all === null
      ? [muted('  checking…')]
      : list.length === 0
        ? [
            muted(
              filter.text === ''
                ? '  There is nothing to go back to yet. Every release and every backup becomes one.'
                : '  Nothing like that.',
            ),
          ]
        : []),
    ...rows.slice(first, first + room),
    ...(below.length === 0 ? [] : [empty, ...below.map((each) => line('  ', each))]),
  ]
  return (
    <Page
      crumb="Roll back"
      right={muted(liveName(look.facts))}
      body={body}
      detail={() => preview}
      footer={footer({
        place: 'rollback',
        situation,
        columns: size.columns,
        labels: { open: 'review the plan' },
        off: { open: why },
      })}
    />
  )
}

function liveName(facts: {
  git: { ok: boolean } & Partial<{
    value: { current: string | null; tags: readonly { name: string; commit: string }[] }
  }>
}): string {
  const git = facts.git.value
  const tag = git?.tags.find((each) => each.commit === git.current && each.name !== 'prod-current')
  return git?.current ? `live ${tag?.name ?? shortOid(git.current)}` : ''
}

/** The plan of the selected candidate, made once the pointer has rested; kept for as long as the screen is open. */
function usePreview(chosen: RollbackCandidate | undefined): Plan | null {
  const { deck } = useStage()
  const made = useRef(new Map<string, Plan>())
  const [, redraw] = useState(0)
  const id = chosen?.offered === true ? chosen.id : null
  useEffect(() => {
    if (id === null || made.current.has(id)) return
    const timer = setTimeout(() => {
      // A plan that cannot be made says why when it is opened; a preview only stays away.
      deck.plan({ op: 'rollback', to: id }).then(
        (plan) => {
          made.current.set(id, plan)
          redraw((old) => old + 1)
        },
        () => undefined,
      )
    }, PREVIEW_MS)
    return () => clearTimeout(timer)
  }, [deck, id])
  return id === null ? null : (made.current.get(id) ?? null)
}

type Columns = { name: number; when: number; ran: number; undoes: number }

function columnsOf(list: readonly RollbackCandidate[], columns: number, now: Date): Columns {
  const widest = (least: number, most: number, text: (each: RollbackCandidate) => string): number =>
    Math.max(least, columnOf(list.map(text), most))
  return {
    name: widest(12, columns < 66 ? 16 : 20, (each) => each.id),
    when: widest(9, 12, (each) => moment(each.at, now)),
    ran: columns < 76 ? 0 : widest(5, 9, ranOf),
    undoes: widest(10, 11, undoneOf),
  }
}

const ranOf = (each: RollbackCandidate): string => (each.ranMs === null ? each.kind : `ran ${stretch(each.ranMs)}`)
const undoneOf = (each: RollbackCandidate): string => count(each.undoes.length, 'release')

function heading(at: Columns, title: string): Line {
  const before = 2 + at.name + 2 + at.when + 2 + (at.ran === 0 ? 0 : at.ran + 2)
  return line(pad(strong(`  ${title}`), before), pad(muted('undoes'), at.undoes + 2), muted('database'))
}

function candidateRow(each: RollbackCandidate, selected: boolean, at: Columns, columns: number, now: Date): Line {
  const start = line(
    t(selected ? `${glyph.pointer} ` : '  ', 'key'),
    cells([
      { content: t(each.id, each.offered ? 'text' : 'muted', selected), columns: at.name },
      { content: pad(line(moment(each.at, now)), at.when), columns: at.when },
      { content: pad(muted(ranOf(each)), at.ran), columns: at.ran },
    ]),
    '  ',
  )
  if (!each.offered)
    return fit(line(start, t(`not offered: ${each.because ?? 'not usable'}`, 'attention')), columns - 1)
  return fit(line(start, pad(line(undoneOf(each)), at.undoes), '  ', schema(each)), columns - 1)
}

function schema(each: RollbackCandidate): Line {
  if (each.schema.verdict === 'same') return line('same schema')
  return warn(each.schema.verdict === 'differs' ? 'schema differs' : 'schema unknown')
}

function previewLines(chosen: RollbackCandidate, plan: Plan | null, columns: number, now: Date): Line[] {
  if (!chosen.offered)
    return [
      warn(`${chosen.id} is not offered`),
      ...wrap(sentence(chosen.because ?? ''), columns).map((text) => line(text)),
    ]
  const head = wrap(`This will restore to ${chosen.id}, as of ${moment(chosen.at, now)}. It will`, columns).map(
    (text) => line(text),
  )
  const about = muted(`${shortOid(chosen.commit)}  ${chosen.subject}`)
  if (plan === null) return [fit(about, columns), empty, ...head, muted('  checking…')]
  const steps = plan.steps.map((step, index) => {
    const took = step.expect?.ms === undefined ? empty : muted(`about ${duration(step.expect.ms)}`)
    return spread(
      line(
        '  ',
        pad(line(String(index + 1)), 3),
        step.title,
        muted(step.detail === undefined ? '' : `  ${step.detail}`),
      ),
      took,
      columns,
    )
  })
  const loses = plan.loses.flatMap((text) =>
    wrap(sentence(text), columns - 2).map((each, index) => (index === 0 ? warn(each) : line(`  ${each}`))),
  )
  const holds = plan.holds.flatMap((hold) =>
    wrap(`Held: ${hold.why}`, columns - 2).map((each, index) => (index === 0 ? warn(each) : line(`  ${each}`))),
  )
  return [...holds, ...loses, ...head, ...steps, empty, fit(about, columns)]
}

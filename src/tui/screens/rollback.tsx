import { useEffect, useState, type ReactNode } from 'react'
import { moment } from '../../core/age.ts'
import { commitLive } from '../../core/commit-live.ts'
import type { DeckRequest } from '../../core/deck.ts'
import type { Facts, RollbackCandidate } from '../../core/facts.ts'
import type { Plan } from '../../core/plan.ts'
import { releaseTagOn } from '../../core/release.ts'
import { useKeys } from '../layers.ts'
import { empty, line, muted, type Line } from '../line.ts'
import { footer, writingFooter } from '../parts/footer.ts'
import { Page } from '../parts/page.tsx'
import { useRemembered, useSize, useStage } from '../stage.ts'
import { useCursor } from '../use-cursor.ts'
import { useFilter } from '../use-filter.ts'
import { useStore } from '../use-store.ts'
import { shortOid } from '../words.ts'
import { windowStart } from '../window.ts'
import { candidateRow, columnsOf, dataLines, heading, previewLines } from './rollback-rows.ts'

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
  const [dataToo, setDataToo] = useRemembered('rollback data', false)
  const data = chosen?.data ?? []
  const withData = dataToo && data.length > 0
  const plan = usePreview(chosen, withData)

  useEffect(() => {
    let gone = false
    const read = async (): Promise<void> => {
      const found = (await stage.attempt(() => deck.candidates())) ?? []
      if (gone) return
      setAll(found)
      if (all === null && cursor.index === 0) cursor.set(likeliest(found))
    }
    void read()
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
  const noData =
    chosen === undefined
      ? 'there is nothing to choose'
      : data.length === 0
        ? `${chosen.id} holds no data that could be put back`
        : null
  useKeys({
    place: 'rollback',
    off: {
      open: filter.writing ? null : why,
      compare: chosen === undefined ? 'there is nothing to choose' : null,
      withData: noData,
    },
    handlers: {
      ...cursor.handlers,
      open: () => chosen && void openReview(chosen),
      compare: () => chosen && compare(chosen),
      withData: () => setDataToo((old) => !old),
      copy: () =>
        chosen && void stage.attempt(() => deck.copy(chosen.id)).then(() => stage.toast(`Copied ${chosen.id}.`)),
      ...filter.handlers,
    },
    ...(filter.write ? { write: filter.write } : {}),
  })
  async function openReview(candidate: RollbackCandidate): Promise<void> {
    const request: DeckRequest = { op: 'rollback', to: candidate.id, ...(withData ? { withData } : {}) }
    const made = await stage.attempt(() => deck.plan(request))
    if (made !== null) go({ do: 'open', screen: { place: 'review', plan: made, request } })
  }
  function compare(candidate: RollbackCandidate): void {
    const live = commitLive(look.facts)?.commit
    const load = async (): Promise<string[]> => {
      const commits = await deck.commits(candidate.commit, live ?? 'HEAD')
      return commits.length === 0
        ? [`No commit is undone: what is live has nothing that ${shortOid(candidate.commit)} lacks.`]
        : commits.map(
            (each) => `${shortOid(each.oid)}  ${moment(each.at, now).padEnd(12)}  ${each.subject}  (${each.author})`,
          )
    }
    go({
      do: 'open',
      screen: { place: 'reader', title: `What going back to ${candidate.id} undoes`, load, atEnd: false },
    })
  }

  const wide = size.pane > 0
  const preview =
    chosen === undefined
      ? []
      : [...dataLines(chosen, withData), ...previewLines(chosen, plan, wide ? size.pane : size.columns - 4, now)]
  const below = wide ? [] : preview.slice(0, Math.max(0, size.body - Math.min(list.length, size.body < 18 ? 3 : 6) - 2))
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
      footer={
        filter.writing
          ? writingFooter()
          : footer({
              place: 'rollback',
              situation,
              columns: size.columns,
              labels: { open: 'review the plan' },
              off: { open: why },
              without: noData === null ? [] : ['withData'],
            })
      }
    />
  )
}

/** What production serves, which after a failed release is not what was certified last. */
function liveName(facts: Pick<Facts, 'git' | 'live'>): string {
  const live = commitLive(facts)
  if (live === null || !facts.git.ok) return ''
  const { current } = facts.git.value
  const tag = releaseTagOn(facts.git.value, live.commit)
  const certified = current === null || current === live.commit
  return `live ${tag?.name ?? shortOid(live.commit)}${certified ? '' : ', not certified'}`
}

/** Where the pointer begins: the newest certified release there is to go back to, else the first row that speaks for itself. */
function likeliest(found: readonly RollbackCandidate[]): number {
  const release = found.findIndex((each) => each.offered && each.kind === 'tag')
  if (release >= 0) return release
  const sound = found.findIndex((each) => each.offered && each.failed === undefined)
  return sound >= 0 ? sound : found.findIndex((each) => each.offered)
}

/** The plan of the selected candidate, made once the pointer has rested; kept for as long as the screen is open. */
function usePreview(chosen: RollbackCandidate | undefined, withData: boolean): Plan | null {
  const { deck } = useStage()
  const [made, setMade] = useState<Readonly<Record<string, Plan>>>({})
  const id = chosen?.offered === true ? chosen.id : null
  const key = `${id} ${withData}`
  const known = id !== null && made[key] !== undefined
  useEffect(() => {
    if (id === null || known) return
    const make = async (): Promise<void> => {
      try {
        const plan = await deck.plan({ op: 'rollback', to: id, ...(withData ? { withData } : {}) })
        setMade((old) => ({ ...old, [key]: plan }))
      } catch {
        // A plan that cannot be made says why when it is opened; a preview only stays away.
      }
    }
    const timer = setTimeout(() => void make(), PREVIEW_MS)
    return () => clearTimeout(timer)
  }, [deck, id, key, withData, known])
  return id === null ? null : (made[key] ?? null)
}

import type { ReactNode } from 'react'
import type { HistoryRow } from '../../core/facts.ts'
import type { NextAction } from '../../core/next-actions.ts'
import { useKeys } from '../layers.ts'
import { Page } from '../parts/page.tsx'
import { useSize, useStage } from '../stage.ts'
import { useCursor } from '../use-cursor.ts'
import { useFilter } from '../use-filter.ts'
import { useStore } from '../use-store.ts'
import { goTo, review } from '../verbs.ts'
import { dashboardChoice, dashboardPage } from './dashboard-page.ts'

/** Is it fine, and what next? */
export function Dashboard(): ReactNode {
  const stage = useStage()
  const { deck, go, situation } = stage
  const size = useSize()
  const look = useStore(deck.facts)
  const filter = useFilter('history')
  const choice = dashboardChoice(look, size, deck.freshMs, filter)
  const { actions, rows, shape } = choice
  const cursor = useCursor('dashboard', actions.length + (shape.history > 0 ? rows.length : 0), size.body)
  const action = actions[cursor.index]
  const row = action === undefined ? rows[cursor.index - actions.length] : undefined

  const verbs = goTo(stage)
  useKeys({
    place: 'dashboard',
    off: { filter: shape.history === 0 ? 'there is no room for the history in this window' : null },
    handlers: {
      ...verbs,
      ...cursor.handlers,
      ...filter.handlers,
      open: () => (action ? openAction(action) : row && openRow(row)),
      copy: () => void copy(),
    },
    ...(filter.write ? { write: filter.write } : {}),
  })

  function openAction(chosen: NextAction): void {
    if (chosen.id === 'settle' && chosen.run)
      return go({ do: 'open', screen: { place: 'interrupted', run: chosen.run } })
    if (chosen.id === 'watch' && chosen.run) return go({ do: 'open', screen: { place: 'running', run: chosen.run } })
    if (chosen.id === 'certify') return void review(stage, { op: 'certify' })
    if (chosen.id === 'rollback' && chosen.run) return go({ do: 'open', screen: { place: 'failed', run: chosen.run } })
    if (chosen.id === 'baseline') return go({ do: 'open', screen: { place: 'glass' } })
    if (chosen.id === 'drill') {
      const load = (): Promise<string[]> => deck.read('drill status')
      return go({ do: 'open', screen: { place: 'reader', title: 'Drills', load, atEnd: false } })
    }
    if (chosen.id !== 'settle' && chosen.id !== 'watch') verbs[chosen.id]?.()
  }
  function openRow(chosen: HistoryRow): void {
    const { log, run } = chosen
    if (log !== null)
      return go({ do: 'open', screen: { place: 'reader', title: log, load: () => deck.log(log), atEnd: false } })
    if (run !== null)
      return go({ do: 'open', screen: { place: 'reader', title: run, load: () => deck.runLog(run), atEnd: false } })
    stage.toast('Nothing more was written down about this one.')
  }
  async function copy(): Promise<void> {
    const text = row?.commit ?? row?.name ?? (look.facts.git.ok ? (look.facts.git.value.next?.oid ?? '') : '')
    await stage.attempt(() => deck.copy(text))
    stage.toast(`Copied ${text}.`)
  }

  return <Page {...dashboardPage(choice, cursor.index, filter, situation)} />
}

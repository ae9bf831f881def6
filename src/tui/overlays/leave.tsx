import type { ReactNode } from 'react'
import { wrap } from '../../core/text.ts'
import { useKeys } from '../layers.ts'
import { empty, line } from '../line.ts'
import { useChoices } from '../parts/choices.tsx'
import { footer } from '../parts/footer.ts'
import { Page } from '../parts/page.tsx'
import { useSize, useStage } from '../stage.ts'
import { useStore } from '../use-store.ts'
import { stopWords } from '../screens/run-tree.ts'
import { useMemo } from 'react'

type Way = 'leave' | 'stay' | 'stop'

/** Asked when a run is going: leaving stops nothing. */
export function Leave({ run }: { run: string | null }): ReactNode {
  const stage = useStage()
  const { deck, go, situation } = stage
  const size = useSize()
  const id = run ?? ''
  const view = useStore(useMemo(() => deck.watch(id), [deck, id]))
  const over = view !== null && (view.end !== null || view.died)
  const safe = view === null || over ? null : stopWords(view)
  const choose = (chosen: Way): void => {
    if (chosen === 'leave') return stage.quit()
    go({ do: 'over', overlay: null })
    if (chosen === 'stop')
      void stage
        .attempt(() => deck.stop(id))
        .then((done) => done !== null && stage.toast(`It stops ${safe ?? 'at the next safe point'}.`))
  }
  const title = view?.plan.title ?? 'A run'
  const says = over
    ? [`${title} ${view.end === null ? 'was interrupted: its process is gone' : 'has ended meanwhile'}.`]
    : [
        `${title} is going on. It is a process of its own: leaving does not stop it.`,
        `knowngood attach ${id} follows it again, and so does this deck.`,
        ...(view === null ? [] : [stopping(safe)]),
      ]
  const ways: { id: Way; says: string }[] = [
    { id: 'leave', says: over ? 'Leave' : 'Leave; the run goes on' },
    { id: 'stay', says: 'Stay here' },
    ...(safe === null ? [] : [{ id: 'stop' as const, says: `Stop it (${safe}), and stay` }]),
  ]
  const { handlers, row } = useChoices(ways, choose)
  useKeys({ place: 'leave', handlers: { ...handlers, leave: () => stage.quit() } }, { over: true })
  return (
    <Page
      over
      crumb="Leave?"
      body={[
        empty,
        ...says.flatMap((text) => wrap(text, Math.min(76, size.columns - 4)).map((each) => line(`  ${each}`))),
        empty,
        row,
      ]}
      footer={footer({
        place: 'leave',
        situation,
        columns: size.columns,
        labels: { leave: 'leave', open: 'choose' },
        without: ['copy', 'palette', 'help'],
      })}
    />
  )
}

function stopping(safe: string | null): string {
  return safe === null ? 'It is past the last point where it could be stopped.' : `Stopped, it would stop ${safe}.`
}

import type { ReactNode } from 'react'
import { wrap } from '../../core/text.ts'
import { useKeys } from '../layers.ts'
import { empty, line } from '../line.ts'
import { choices } from '../parts/choices.tsx'
import { footer } from '../parts/footer.ts'
import { Page } from '../parts/page.tsx'
import { useSize, useStage } from '../stage.ts'
import { useStore } from '../use-store.ts'
import { stopWords } from '../screens/run-tree.ts'
import { useMemo } from 'react'

/** Asked when a run is going: leaving stops nothing. */
export function Leave({ run }: { run: string | null }): ReactNode {
  const stage = useStage()
  const { deck, go, situation } = stage
  const size = useSize()
  const id = run ?? ''
  const view = useStore(useMemo(() => deck.watch(id), [deck, id]))
  const safe = view === null ? null : stopWords(view)
  useKeys({ place: 'leave', handlers: { leave: () => stage.quit() } }, { over: true })
  const choose = (chosen: string): void => {
    if (chosen === 'leave') return stage.quit()
    go({ do: 'over', overlay: null })
    if (chosen === 'stop')
      void stage
        .attempt(() => deck.stop(id))
        .then((done) => done !== null && stage.toast(`It stops ${safe ?? 'at the next safe point'}.`))
  }
  const says = [
    `${view?.plan.title ?? 'A run'} is going on. It is a process of its own: leaving does not stop it.`,
    `knowngood attach ${id} follows it again, and so does this deck.`,
    safe === null ? 'It is past the last point where it could be stopped.' : `Stopped, it would stop ${safe}.`,
  ]
  const options = [
    { id: 'leave', says: 'Leave; the run goes on' },
    { id: 'stay', says: 'Stay here' },
    ...(safe === null ? [] : [{ id: 'stop', says: `Stop it (${safe}), and stay` }]),
  ]
  return (
    <Page
      over
      crumb="Leave?"
      body={[
        empty,
        ...says.flatMap((text) => wrap(text, Math.min(76, size.columns - 4)).map((each) => line(`  ${each}`))),
        empty,
        choices({ choices: options, onSelect: choose }),
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

import type { ReactNode } from 'react'
import { useKeys } from '../layers.ts'
import { boxed, placed } from '../parts/boxed.ts'
import { footer } from '../parts/footer.ts'
import { Page } from '../parts/page.tsx'
import { problemLines } from '../parts/problem-lines.ts'
import { useSize, useStage } from '../stage.ts'

type Props = { what: string; why: string; next: readonly string[] }

/** What failed, what it means, what to do. */
export function Problem({ what, why, next }: Props): ReactNode {
  const stage = useStage()
  const size = useSize()
  const columns = Math.min(size.columns - 4, 84)
  useKeys(
    {
      place: 'problem',
      handlers: {
        copy: () =>
          void stage.attempt(() => stage.deck.copy([what, why, ...next].join('\n'))).then(() => stage.toast('Copied.')),
      },
    },
    { over: true },
  )
  const lines = problemLines({ what, why, next }, columns - 4, true)
  return (
    <Page
      over
      crumb="Stopped"
      body={placed(boxed('That did not work', lines.slice(0, size.body - 3), columns))}
      footer={footer({ place: 'problem', situation: stage.situation, columns: size.columns })}
    />
  )
}

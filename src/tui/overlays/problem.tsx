import type { ReactNode } from 'react'
import { wrap } from '../../core/text.ts'
import { useKeys } from '../layers.ts'
import { empty, line, t, type Line } from '../line.ts'
import { boxed, placed } from '../parts/boxed.ts'
import { footer } from '../parts/footer.ts'
import { Page } from '../parts/page.tsx'
import { useSize, useStage } from '../stage.ts'
import { sentence } from '../words.ts'

type Props = { what: string; why: string; next: readonly string[] }

/** What failed, what it means, what to do. */
export function Problem({ what, why, next }: Props): ReactNode {
  const stage = useStage()
  const size = useSize()
  const columns = Math.min(size.columns - 4, 84)
  const text = (says: string): Line[] => wrap(says, columns - 4).map((each) => line(each))
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
  const lines = [
    ...wrap(sentence(what), columns - 4).map((each) => t(each, 'danger', true)),
    ...(why === '' ? [] : text(`${sentence(why)}${/[.!?]$/.test(why) ? '' : '.'}`)),
    ...(next.length > 0 ? [empty] : []),
    ...next.flatMap((each) => text(sentence(each))),
  ]
  return (
    <Page
      over
      crumb="Stopped"
      body={placed(boxed('That did not work', lines.slice(0, size.body - 3), columns))}
      footer={footer({ place: 'problem', situation: stage.situation, columns: size.columns })}
    />
  )
}

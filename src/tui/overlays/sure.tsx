import type { ReactNode } from 'react'
import { wrap } from '../../core/text.ts'
import { useKeys } from '../layers.ts'
import { line } from '../line.ts'
import { boxed, placed } from '../parts/boxed.ts'
import { footer } from '../parts/footer.ts'
import { Page } from '../parts/page.tsx'
import { useSize, useStage } from '../stage.ts'

type Props = { title: string; says: readonly string[]; act: () => void }

/** One last look before Y. */
export function Sure({ title, says, act }: Props): ReactNode {
  const { go, situation } = useStage()
  const size = useSize()
  const columns = Math.min(size.columns - 4, 76)
  const yes = (): void => {
    go({ do: 'over', overlay: null })
    act()
  }
  useKeys({ place: 'sure', handlers: { yes } }, { over: true, guard: true })
  const lines = says.flatMap((text) => wrap(text, columns - 4).map((each) => line(each)))
  return (
    <Page
      over
      crumb={title}
      body={placed(boxed(title, lines.slice(0, size.body - 3), columns))}
      footer={footer({ place: 'sure', situation, columns: size.columns, without: ['copy', 'palette', 'help'] })}
    />
  )
}

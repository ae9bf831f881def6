import type { ReactNode } from 'react'
import { wrap } from '../../core/text.ts'
import { useKeys } from '../layers.ts'
import { line, t } from '../line.ts'
import { boxed, placed } from '../parts/boxed.ts'
import { footer } from '../parts/footer.ts'
import { Page } from '../parts/page.tsx'
import { useSize, useStage } from '../stage.ts'

const SAYS =
  'Restoring from a frozen baseline is made by a later release of Knowngood. Until then r on the dashboard rolls back to an earlier release.'

/** Break glass, as far as it goes. */
export function Glass(): ReactNode {
  const { situation } = useStage()
  const size = useSize()
  const columns = Math.min(size.columns - 4, 72)
  useKeys({ place: 'glass', handlers: {} }, { over: true })
  const lines = wrap(SAYS, columns - 4).map((text) => line(text))
  return (
    <Page
      over
      crumb="Break glass"
      rule="double"
      right={t(' BREAK GLASS ', 'chip')}
      body={placed(boxed('Break glass', lines, columns))}
      footer={footer({ place: 'glass', situation, columns: size.columns, without: ['copy', 'palette', 'help'] })}
    />
  )
}

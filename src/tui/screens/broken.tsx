import { useEffect, useState, type ReactNode } from 'react'
import type { BrokenConfig } from '../../core/deck.ts'
import { useKeys } from '../layers.ts'
import { line, muted, type Line } from '../line.ts'
import { footer } from '../parts/footer.ts'
import { Page } from '../parts/page.tsx'
import { useSize, useStage } from '../stage.ts'
import { useCursor } from '../use-cursor.ts'
import { useStore } from '../use-store.ts'
import { brokenRows, hasLines, waysOut, type Way } from './broken-rows.ts'

/** In place of the dashboard, where the configuration cannot be used: what is wrong, and what can be done all the same. */
export function Broken(): ReactNode {
  const { broken } = useStage().deck
  return broken === null ? null : <BrokenPage broken={broken} />
}

function BrokenPage({ broken }: { broken: BrokenConfig }): ReactNode {
  const stage = useStage()
  const { deck, go, situation } = stage
  const size = useSize()
  const look = useStore(deck.facts)
  const [lines, setLines] = useState<readonly string[]>([])
  const ways = waysOut(broken, look)
  const cursor = useCursor('broken', ways.length, size.body)
  useEffect(() => {
    void stage.attempt(broken.lines).then((found) => setLines(found ?? []))
    // oxlint-disable-next-line react/exhaustive-deps -- read once; what is read again is opened anew
  }, [broken])

  const seeLines = (): void =>
    go({ do: 'open', screen: { place: 'reader', title: 'knowngood.yaml', load: broken.lines, atEnd: false } })
  async function again(): Promise<void> {
    const mended = await stage.attempt(broken.mended)
    if (mended === true) return stage.reopen()
    if (mended === false) stage.toast('It is not mended yet.')
    void stage.attempt(() => deck.refresh())
  }
  function choose(way: Way | undefined): void {
    if (way === undefined) return
    if (way.id === 'glass') return go({ do: 'open', screen: { place: 'glass' } })
    if (way.id === 'lines') return seeLines()
    if (way.id === 'again') return void again()
    if (way.run !== null)
      go({ do: 'open', screen: { place: way.id === 'settle' ? 'interrupted' : 'running', run: way.run } })
  }
  useKeys({
    place: 'broken',
    off: {
      palette: 'its commands need the configuration',
      seeLines: hasLines(broken) ? null : 'no line of the file is to blame',
    },
    handlers: {
      ...cursor.handlers,
      open: () => choose(ways[cursor.index]),
      seeLines,
      refresh: () => void again(),
      copy: () =>
        void stage
          .attempt(() => deck.copy([broken.what, ...broken.problems, ...broken.next].join('\n')))
          .then(() => stage.toast('Copied what is wrong.')),
    },
  })
  return (
    <Page
      right={muted(`you are ${deck.operator}@${deck.host}`)}
      body={brokenRows({ broken, ways, index: cursor.index, columns: size.left, room: size.body })}
      detail={() => lines.map((text): Line => line(text))}
      footer={footer({
        place: 'broken',
        situation,
        columns: size.columns,
        labels: { refresh: 'look again' },
        without: ['back', 'palette', ...(hasLines(broken) ? [] : (['seeLines'] as const))],
      })}
    />
  )
}

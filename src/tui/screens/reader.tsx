import { useEffect, useState, type ReactNode } from 'react'
import { clean } from '../../core/text.ts'
import { pageBefore, pageFrom } from '../fold.ts'
import { applyText, useKeys } from '../layers.ts'
import { line, muted, t, type Line } from '../line.ts'
import { footer } from '../parts/footer.ts'
import { Page } from '../parts/page.tsx'
import { useSize, useStage } from '../stage.ts'

type Props = { title: string; load: () => Promise<readonly string[]>; atEnd: boolean }

/** A log or a file, read in full: scrolls, `/` searches, n and N go from match to match. */
export function Reader({ title, load, atEnd }: Props): ReactNode {
  const stage = useStage()
  const size = useSize()
  const [lines, setLines] = useState<readonly string[] | null>(null)
  const [top, setTop] = useState(0)
  const [search, setSearch] = useState('')
  const [writing, setWriting] = useState(false)
  const all = lines ?? []
  const columns = size.columns - 3
  const last = pageBefore(all, all.length, size.body, columns)
  const at = Math.min(top, last)
  const page = pageFrom(all, at, size.body, columns)

  useEffect(() => {
    let gone = false
    const read = async (): Promise<void> => {
      const found = (await stage.attempt(load)) ?? []
      if (gone) return
      setLines(found)
      if (atEnd) setTop(found.length)
    }
    void read()
    return () => {
      gone = true
    }
    // oxlint-disable-next-line react/exhaustive-deps -- read once, when it is opened
  }, [])

  const find = (text: string, from: number, step: 1 | -1): void => {
    const wanted = text.toLowerCase()
    if (wanted === '' || lines === null) return
    for (let index = from; index >= 0 && index < lines.length; index += step) {
      if (
        clean(lines[index] ?? '')
          .toLowerCase()
          .includes(wanted)
      )
        return setTop(index)
    }
    stage.toast(`No ${step === 1 ? 'further' : 'earlier'} match for ${text}.`)
  }
  const by = (step: number) => () => setTop((old) => Math.max(0, Math.min(last, Math.min(old, last) + step)))
  const noSearch = search === '' ? 'nothing was searched for; / searches' : null
  useKeys({
    place: 'reader',
    off: { next: noSearch, previous: noSearch },
    handlers: {
      up: by(-1),
      down: by(1),
      pageUp: () => setTop(Math.min(Math.max(0, at - 1), pageBefore(all, at + 1, size.body, columns))),
      pageDown: by(Math.max(1, page.count - 1)),
      home: () => setTop(0),
      end: () => setTop(last),
      filter: () => {
        setSearch('')
        setWriting(true)
      },
      next: () => find(search, top + 1, 1),
      previous: () => find(search, top - 1, -1),
      copy: () =>
        void stage
          .attempt(() => stage.deck.copy((lines ?? []).join('\n')))
          .then(() => stage.toast(`Copied ${lines?.length ?? 0} lines.`)),
      ...(writing ? { back: () => setWriting(false), open: () => submit() } : {}),
    },
    ...(writing ? { write: (change) => setSearch((old) => applyText(old, change)) } : {}),
  })
  function submit(): void {
    setWriting(false)
    find(search, at, 1)
  }

  const shown = page.rows.map((text) => highlighted(text, writing ? '' : search))
  const where =
    lines === null ? 'reading…' : lines.length === 0 ? '' : `${at + 1} to ${at + page.count} of ${lines.length}`
  const body = lines !== null && lines.length === 0 ? [muted('  There is nothing here.')] : shown
  const lead = writing ? line('/ ', search, '_') : search === '' ? [] : line('/ ', search)
  return (
    <Page
      crumb={title}
      right={muted(where)}
      body={body}
      footer={footer({
        place: 'reader',
        situation: stage.situation,
        columns: size.columns,
        lead,
        without: writing ? [] : ['open'],
        labels: writing ? { open: 'search' } : {},
      })}
    />
  )
}

function highlighted(shown: string, search: string): Line {
  const found = search === '' ? -1 : shown.toLowerCase().indexOf(search.toLowerCase())
  if (found < 0) return line('  ', shown)
  const end = found + search.length
  return line('  ', shown.slice(0, found), t(shown.slice(found, end), 'key', true), shown.slice(end))
}

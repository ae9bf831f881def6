import { useEffect, useMemo, useState, type ReactNode } from 'react'
import type { KeptCopy } from '../../core/deck.ts'
import { useKeys } from '../layers.ts'
import { empty, line, muted, spread, strong, type Line } from '../line.ts'
import { keptVerbs } from '../kept-verbs.ts'
import { footer, writingFooter } from '../parts/footer.ts'
import { Page } from '../parts/page.tsx'
import { useSize, useStage } from '../stage.ts'
import { useBackup } from '../use-backup.ts'
import { useCursor } from '../use-cursor.ts'
import { useFilter } from '../use-filter.ts'
import { useLook } from '../use-look.ts'
import { useStore } from '../use-store.ts'
import { goTo, review } from '../verbs.ts'
import { lookedAt, unknownLine } from '../words.ts'
import { windowStart } from '../window.ts'
import { backupRows, counted, keptLines, roomLines, searched } from './backups-rows.ts'
import { detailLines } from './show-lines.ts'

const RESTED_MS = 150

/** Every backup there is, newest first, whoever made it; enter says all about one. */
export function Backups(): ReactNode {
  const stage = useStage()
  const { deck, go, situation } = stage
  const size = useSize()
  const { look, now, failed } = useLook()
  const known = look.facts.backups
  const filter = useFilter('backups')
  const kept = useKept()
  const all = useMemo(
    () => (known.ok ? known.value.map((backup) => ({ backup, text: searched(backup) })) : []),
    [known],
  )
  const list = useMemo(
    () => (filter.text === '' ? all : all.filter(({ text }) => filter.matches(text))).map(({ backup }) => backup),
    // oxlint-disable-next-line react/exhaustive-deps -- the filter is its text
    [all, filter.text],
  )
  const below = [...roomLines(deck.room()), ...keptLines(kept, size.left, now)]
  const room = Math.max(1, size.body - 1 - below.length)
  const cursor = useCursor('backups', list.length, room)
  const chosen = list[cursor.index]
  const seen = useBackup(size.pane > 0 ? (chosen?.id ?? null) : null, RESTED_MS)
  const verbs = keptVerbs(stage, chosen)
  const [copy] = kept
  const off = {
    forget: copy === undefined ? 'no restore keeps anything' : null,
    ...verbs.off,
    open: chosen === undefined && !filter.writing ? 'there is no backup here' : null,
  }
  const shared = goTo(stage)
  useKeys({
    place: 'backups',
    off,
    handlers: {
      ...cursor.handlers,
      ...verbs.handlers,
      ...(shared.backup ? { backup: shared.backup } : {}),
      ...(shared.prune ? { prune: shared.prune } : {}),
      forget: () => copy && void review(stage, { op: 'restore', forget: copy.run }),
      open: () => chosen && go({ do: 'open', screen: { place: 'show', id: chosen.id } }),
      ...filter.handlers,
    },
    ...(filter.write ? { write: filter.write } : {}),
  })

  const first = windowStart(cursor.index, list.length, room)
  const none = filter.text === '' ? '  No backup yet. b makes the first.' : '  Nothing like that.'
  const body: Line[] = [
    spread(strong(`  ${filter.title('Backups')}`), muted(known.ok ? counted(list, all.length) : ''), size.left - 2),
    ...(known.ok
      ? list.length === 0
        ? [muted(none)]
        : []
      : [
          line(
            '  ',
            unknownLine(known, look.checking.has('backups'), now, () => empty),
          ),
        ]),
    ...backupRows(list.slice(first, first + room), cursor.index - first, size.left, { now, failed }),
    ...below,
  ]
  return (
    <Page
      crumb="Backups"
      right={lookedAt(look)}
      body={body}
      detail={() =>
        chosen === undefined ? [] : detailLines(chosen, seen, { now, failed, columns: size.pane, manifest: true })
      }
      footer={
        filter.writing
          ? writingFooter()
          : footer({
              place: 'backups',
              situation,
              columns: size.columns,
              off,
              labels: { open: 'open' },
              without: copy === undefined ? ['forget'] : [],
            })
      }
    />
  )
}

/** What restores still keep, looked up again with every fresh look at the facts; nothing where that cannot be read. */
function useKept(): readonly KeptCopy[] {
  const { deck } = useStage()
  const { facts } = useStore(deck.facts)
  const [kept, setKept] = useState<readonly KeptCopy[]>([])
  useEffect(() => {
    let gone = false
    deck.kept().then(
      (found) => !gone && setKept(found),
      () => undefined,
    )
    return () => void (gone = true)
  }, [deck, facts.runs])
  return kept
}

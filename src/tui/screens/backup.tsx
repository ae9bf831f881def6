import { useEffect, useState, type ReactNode } from 'react'
import type { BackupKind } from '../../core/backup.ts'
import { summarize } from '../../core/backup-summary.ts'
import type { DeckRequest, KindChoice } from '../../core/deck.ts'
import { failedReleases } from '../../core/failed-releases.ts'
import type { Facts } from '../../core/facts.ts'
import { ASKED_KINDS, KINDS } from '../../core/kinds.ts'
import { valueOr } from '../../core/known.ts'
import { freeName } from '../../core/naming.ts'
import { useKeys } from '../layers.ts'
import { empty, line, muted, type Line } from '../line.ts'
import type { FormField } from '../nav.ts'
import { footer } from '../parts/footer.ts'
import { Page } from '../parts/page.tsx'
import { useRemembered, useSize, useStage } from '../stage.ts'
import { useBackup } from '../use-backup.ts'
import { useCursor } from '../use-cursor.ts'
import { useStore } from '../use-store.ts'
import { goTo, startFrom, startNow } from '../verbs.ts'
import { lookedAt, shortOid, unknownLine } from '../words.ts'
import { windowStart } from '../window.ts'
import { aboutLines, kindRow, kindRows } from './backup-rows.ts'
import { detailLines } from './show-lines.ts'

const RESTED_MS = 150
const STARTED = 'Backup started. s stops it.'

/** Every kind that can be made here: what it saves, the last one, how long it takes; b makes the selected one. */
export function Backup(): ReactNode {
  const stage = useStage()
  const { deck, situation } = stage
  const size = useSize()
  const look = useStore(deck.facts)
  const { facts } = look
  const now = new Date(facts.at)
  const failed = failedReleases(facts.history)
  const known = useKinds(facts)
  // A plan looks for itself: what is not looked up yet keeps nothing off.
  const choices = look.checking.has('git') ? known.map((choice) => ({ ...choice, off: null })) : known
  const [withRedis, setWithRedis] = useRemembered('include redis', false)
  const kept = facts.backups.ok ? summarize(facts.backups.value, now) : null
  const rows = choices.map((choice) => kindRow(choice, kept, deck.freshMs(choice.spec.kind), now))
  const cursor = useCursor('backup', rows.length, size.body)
  const row = rows[cursor.index]
  const newest = row?.summary?.proven ?? row?.summary?.newest
  const seen = useBackup(size.pane > 0 ? (newest?.id ?? null) : null, RESTED_MS)
  const named = row?.choice.spec.id === 'name'
  const redis = named && facts.sources.some((source) => source.use === 'redis')
  const none = row === undefined ? 'there is nothing to choose' : row.choice.off
  const off = {
    startBackup: none,
    notes: none,
    withRedis: redis ? null : named ? 'no Redis is configured' : 'only a set can include it',
  }

  const request = (kind: BackupKind, more: { name?: string; notes?: string }): DeckRequest => ({
    op: 'backup',
    kind,
    ...more,
    ...(redis && withRedis ? { includeRedis: true } : {}),
  })
  function ask(): void {
    if (row === undefined) return
    const { kind, saves } = row.choice.spec
    const taken = valueOr(facts.backups, []).map((each) => each.id)
    const name: FormField = { id: 'name', label: 'Name', required: true, initial: freeName(nameFor(facts), taken) }
    const notes: FormField = { id: 'notes', label: 'Notes (optional)', required: false }
    stage.go({
      do: 'over',
      overlay: {
        place: 'form',
        title: `Back up: ${kind}`,
        says: [`It saves ${saves}.`],
        fields: named ? [name, notes] : [notes],
        submit: (values) => startFrom(stage, request(kind, given(values)), STARTED),
      },
    })
  }
  const verbs = goTo(stage)
  useKeys({
    place: 'backup',
    off,
    handlers: {
      ...cursor.handlers,
      startBackup: () => (named ? ask() : row && void startNow(stage, request(row.choice.spec.kind, {}), STARTED)),
      notes: ask,
      withRedis: () => setWithRedis((old) => !old),
      ...(verbs.backups ? { backups: verbs.backups } : {}),
      open: () => stage.toast('b starts the backup.'),
    },
  })

  const about = row === undefined ? [] : aboutLines(row, { offered: redis, included: withRedis }, size.left - 4, now)
  const gap = size.body >= rows.length + about.length + 2 ? 1 : 0
  const room = Math.max(3, Math.min(rows.length, size.body - 1 - gap - about.length))
  const [heading, ...kinds] = kindRows(rows, cursor.index, size.left, now)
  const first = windowStart(cursor.index, rows.length, room)
  const body: Line[] = [
    heading ?? empty,
    ...kinds.slice(first, first + room),
    ...(gap === 1 ? [empty] : []),
    ...about.map((each) => line('  ', each)),
    ...(facts.backups.ok
      ? []
      : [
          line(
            '  ',
            unknownLine(facts.backups, look.checking.has('backups'), now, () => empty),
          ),
        ]),
  ]
  return (
    <Page
      crumb="Back up"
      right={lookedAt(look)}
      body={body}
      footer={footer({
        place: 'backup',
        situation,
        columns: size.columns,
        off,
        without: ['open', ...(redis ? [] : (['withRedis'] as const))],
      })}
      detail={() =>
        newest === undefined
          ? [muted('None of this kind yet.')]
          : [
              muted('The last one that was proven'),
              ...detailLines(newest, seen, { now, failed, columns: size.pane, manifest: false }),
            ]
      }
    />
  )
}

/** What can be made, drawn at once from what every project has, then as this project is. */
function useKinds(facts: Facts): readonly KindChoice[] {
  const stage = useStage()
  const [choices, setChoices] = useState<readonly KindChoice[]>(() =>
    ASKED_KINDS.map((kind) => ({ spec: KINDS[kind], sources: [], off: null, expect: { ms: null, bytes: null } })),
  )
  useEffect(() => {
    let gone = false
    const read = async (): Promise<void> => {
      const found = await stage.attempt(() => stage.deck.kinds())
      if (!gone && found !== null) setChoices(found)
    }
    void read()
    return () => {
      gone = true
    }
    // oxlint-disable-next-line react/exhaustive-deps -- looked up again with every fresh look at the facts
  }, [facts])
  return choices
}

/** A set is made before something: the release that is next names it. */
function nameFor(facts: Facts): string {
  const next = facts.git.ok ? facts.git.value.next : null
  return next === null ? 'before-the-first' : `before-${shortOid(next.oid)}`
}

/** Of what was written, that which was. */
function given(values: Readonly<Record<string, string>>): { name?: string; notes?: string } {
  const { name = '', notes = '' } = values
  return { ...(name === '' ? {} : { name }), ...(notes === '' ? {} : { notes }) }
}

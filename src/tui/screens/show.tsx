import type { ReactNode } from 'react'
import type { ListedBackup } from '../../core/backup.ts'
import type { RunSummary } from '../../core/facts.ts'
import { useKeys } from '../layers.ts'
import { line, muted, type Line } from '../line.ts'
import { keptVerbs } from '../kept-verbs.ts'
import { footer } from '../parts/footer.ts'
import { Page } from '../parts/page.tsx'
import { useSize, useStage } from '../stage.ts'
import { useBackup } from '../use-backup.ts'
import { useCursor } from '../use-cursor.ts'
import { useLook } from '../use-look.ts'
import { review } from '../verbs.ts'
import { lookedAt, sentence, warn } from '../words.ts'
import { detailLines, manifestLines } from './show-lines.ts'

/** One backup, whole: its record, proofs and manifest, and what a restore of it would do. */
export function Show({ id }: { id: string }): ReactNode {
  const stage = useStage()
  const { deck, situation } = stage
  const size = useSize()
  const { look, now, failed } = useLook()
  const seen = useBackup(id, 0)
  const listed = look.facts.backups.ok ? look.facts.backups.value.find((each) => each.id === id) : undefined
  const backup = listed ?? seen.detail?.backup
  const wide = size.pane > 0
  const lines =
    backup === undefined ? [] : detailLines(backup, seen, { now, failed, columns: size.left - 4, manifest: !wide })
  const cursor = useCursor(`show ${id}`, Math.max(1, lines.length - size.body + 1), size.body)
  const verbs = keptVerbs(stage, backup)
  const undo = lastRestore(look.facts.runs.ok ? look.facts.runs.value : [])
  const off = {
    ...verbs.off,
    remove: backup === undefined ? 'there is no backup here' : null,
    settle: (backup?.doubts ?? []).length === 0 ? 'nothing about it is in doubt' : null,
    undoRestore: undo === null ? 'no restore is known that could be swapped back' : null,
  }
  useKeys({
    place: 'show',
    off,
    handlers: {
      ...cursor.handlers,
      ...verbs.handlers,
      open: () => stage.toast('r chooses what of it to put back; enter never starts anything.'),
      remove: () => void review(stage, { op: 'delete', id }),
      settle: () => backup && confirm(backup),
      undoRestore: () => undo && void review(stage, { op: 'restore', undo: undo.id }),
    },
  })
  function confirm({ doubts = [] }: ListedBackup): void {
    stage.go({
      do: 'over',
      overlay: {
        place: 'form',
        title: `${id} is right as it is`,
        says: doubts.map(sentence),
        fields: [{ id: 'reason', label: 'Reason (goes in the audit log)', required: true }],
        submit: async (values) => {
          await deck.confirmDoubts(id, values['reason'] ?? '')
          void stage.attempt(() => deck.refresh())
        },
      },
    })
  }
  const body: Line[] =
    backup === undefined
      ? [line('  ', seen.failed === null ? muted('checking…') : warn(seen.failed))]
      : window(lines, cursor.index, size.body).map((each) => line('  ', each))
  return (
    <Page
      crumb={`Backup ${id}`}
      right={lookedAt(look)}
      body={body}
      detail={() => manifest(seen.detail?.manifest ?? null, size.pane)}
      footer={footer({
        place: 'show',
        situation,
        columns: size.columns,
        off,
        without: ['open', ...(['undoRestore', 'settle'] as const).filter((key) => off[key] !== null)],
      })}
    />
  )
}

/** As many lines as there is room for; the last row says how many are left below. */
function window(lines: readonly Line[], from: number, room: number): Line[] {
  const below = lines.length - from - room
  if (below <= 0) return lines.slice(from, from + room)
  return [...lines.slice(from, from + room - 1), muted(`… ${below + 1} more below`)]
}

function manifest(lines: readonly string[] | null, columns: number): Line[] {
  return lines === null ? [muted('It has no MANIFEST.md; only folders carry one.')] : manifestLines(lines, columns)
}

/** The newest restore that went through: what it replaced is still kept. */
function lastRestore(runs: readonly RunSummary[]): RunSummary | null {
  const restores = runs.filter(
    (run) => run.op === 'restore' && run.swaps !== false && run.state === 'ended' && run.exit === 0,
  )
  return restores.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt))[0] ?? null
}

import { useState, type ReactNode } from 'react'
import type { Gate as GateFacts, GateItem } from '../../core/facts.ts'
import { useKeys } from '../layers.ts'
import { columnOf, empty, line, muted, type Line } from '../line.ts'
import type { FormField } from '../nav.ts'
import { footer } from '../parts/footer.ts'
import { Page } from '../parts/page.tsx'
import { useSpinner } from '../parts/spinner.ts'
import { useSize, useStage } from '../stage.ts'
import { useCursor } from '../use-cursor.ts'
import { useStore } from '../use-store.ts'
import { goTo, review } from '../verbs.ts'
import { lookedAt, shortOid, unknownLine } from '../words.ts'
import { windowStart } from '../window.ts'
import { itemDetail, itemOutput, itemRow, passedLine } from './gate-rows.ts'

/** The checklist bound to one commit: checks that run, confirmations that a person gives. */
export function Gate(): ReactNode {
  const stage = useStage()
  const { deck, go, situation } = stage
  const size = useSize()
  const look = useStore(deck.facts)
  const [changed, setChanged] = useState<{ gate: GateFacts; since: object } | null>(null)
  const [working, setWorking] = useState(false)
  const known = look.facts.gate
  // What was just done here is newer than the last look, until there is a newer look.
  const gate = changed?.since === known ? changed.gate : known.ok ? known.value : null
  const show = (fresh: GateFacts): void => setChanged({ gate: fresh, since: deck.facts.get().facts.gate })
  const items = gate?.items ?? []
  const cursor = useCursor(
    `gate ${gate?.commit ?? ''}`,
    items.length,
    size.body,
    Math.max(
      0,
      items.findIndex((item) => item.state === 'open'),
    ),
  )
  const item = items[cursor.index]
  const spinner = useSpinner(working)

  const settle = async (work: () => Promise<GateFacts>): Promise<void> => {
    setWorking(true)
    const fresh = await stage.attempt(work)
    setWorking(false)
    if (fresh !== null) await settled(fresh)
  }
  const settled = async (fresh: GateFacts): Promise<void> => {
    show(fresh)
    const after = fresh.items.filter((each) => each.when === 'after')
    const done = after.length > 0 && after.every((each) => each.state === 'pass' || each.state === 'waived')
    if (done && item?.when === 'after') await review(stage, { op: 'certify' })
  }
  const ask = (
    title: string,
    says: readonly string[],
    fields: readonly FormField[],
    act: (values: Record<string, string>) => Promise<GateFacts>,
  ): void => {
    const submit = async (values: Record<string, string>): Promise<void> => {
      const fresh = await act(values)
      // What follows is no part of the form any more.
      void settled(fresh)
    }
    go({ do: 'over', overlay: { place: 'form', title, says, fields, submit } })
  }

  const name = `${deck.project}-${deck.environment}`
  const withEvidence = (chosen: GateItem): void =>
    ask(
      chosen.title,
      [chosen.look, evidenceAsk(chosen)],
      [{ id: 'evidence', label: 'Evidence', required: needsEvidence(chosen) }],
      (values) => deck.gate.confirm(chosen.id, [values['evidence'] ?? ''].filter(Boolean)),
    )
  const confirm = (chosen: GateItem): void =>
    needsEvidence(chosen) ? withEvidence(chosen) : void settle(() => deck.gate.confirm(chosen.id, []))
  const noItem = item === undefined ? 'there is nothing to confirm' : null
  const isCheck = item?.kind === 'check' ? 'a check is passed by running it; R runs them' : noItem

  const through = gate?.state === 'passed'
  useKeys({
    place: 'gate',
    off: {
      deploy: through ? null : 'the gate is not passed',
      confirmItem: isCheck,
      evidence: isCheck,
      failItem: isCheck,
      waive: noItem,
      fullLog: noItem,
      recheck: working ? 'the checks are running' : null,
    },
    handlers: {
      ...cursor.handlers,
      recheck: () => void settle(() => deck.gate.runChecks(show)),
      confirmItem: () => item && confirm(item),
      open: () => item && (item.kind === 'check' ? read(item) : withEvidence(item)),
      evidence: () => item && withEvidence(item),
      failItem: () =>
        item &&
        ask(
          `${item.title}: it does not hold`,
          [item.look],
          [{ id: 'reason', label: 'Reason (kept in the audit log)', required: true }],
          (values) => deck.gate.fail(item.id, values['reason'] ?? ''),
        ),
      waive: () =>
        item &&
        ask(
          `Go on without: ${item.title}`,
          ['A waiver is a recorded deviation: it is shown in the deploy log.'],
          [
            { id: 'reason', label: 'Reason (goes in the audit log)', required: true },
            { id: 'approvedBy', label: 'Approved by', required: true },
            { id: 'typed', label: `Type   ${name}   to waive`, expects: name, required: true },
          ],
          (values) =>
            deck.gate.waive(item.id, values['reason'] ?? '', values['approvedBy'] ?? '', values['typed'] ?? ''),
        ),
      fullLog: () => item && read(item),
      deploy: goTo(stage).deploy ?? (() => undefined),
      copy: () =>
        item && void stage.attempt(() => deck.copy(item.title)).then(() => stage.toast(`Copied ${item.title}.`)),
    },
  })

  function read(chosen: GateItem): void {
    go({
      do: 'open',
      screen: { place: 'reader', title: chosen.title, load: () => Promise.resolve(itemOutput(chosen)), atEnd: false },
    })
  }

  const next = look.facts.git.ok ? look.facts.git.value.next : null
  const commit = gate === null ? (next?.oid ?? '') : gate.commit
  const passed = items.filter((each) => each.state === 'pass' || each.state === 'waived').length
  const wide = size.pane > 0
  const details = item === undefined ? [] : itemDetail(item, (wide ? size.pane : size.columns) - (wide ? 0 : 4))
  const titles = columnOf(
    items.map((each) => each.title),
    size.left < 66 ? 20 : 24,
  )
  const rows = items.map((each, index) => itemRow(each, index === cursor.index, size.left, titles, spinner))
  const passedSays = through && gate !== null ? [empty, passedLine(gate, size.left)] : []
  const free = size.body - passedSays.length
  const below = wide ? [] : details.slice(0, Math.max(0, free - Math.min(rows.length, 4) - 1))
  const room = Math.max(1, free - (below.length > 0 ? below.length + 1 : 0))
  const first = windowStart(cursor.index, rows.length, room)
  const body: Line[] = [
    ...(gate === null && !known.ok
      ? [
          line(
            '  ',
            unknownLine(known, look.checking.has('gate'), new Date(look.facts.at), () => empty),
          ),
        ]
      : []),
    ...(gate !== null && items.length === 0
      ? [muted(`  This project asks for no checks and no confirmations.${through ? '' : ' R passes the gate.'}`)]
      : []),
    ...rows.slice(first, first + room),
    ...passedSays,
    ...(below.length > 0 ? [empty, ...below.map((each) => line('  ', each))] : []),
  ]
  const lead = items.length === 0 ? empty : line(`${passed} of ${items.length} pass`)
  return (
    <Page
      crumb={`Gate${commit === '' ? '' : ` for ${shortOid(commit)}`}`}
      right={lookedAt(look)}
      body={body}
      detail={() => details}
      footer={footer({
        place: 'gate',
        situation,
        columns: size.columns,
        lead,
        off: { confirmItem: isCheck, evidence: isCheck, failItem: isCheck, waive: noItem },
        labels: { back: '' },
        without: [
          'open',
          ...(through ? (['failItem', 'waive'] as const) : (['deploy'] as const)),
          ...(gate !== null && item === undefined
            ? (['confirmItem', 'evidence', 'failItem', 'waive', 'fullLog'] as const)
            : []),
        ],
      })}
    />
  )
}

const needsEvidence = (item: GateItem): boolean => item.evidenceRule === 'required' || item.evidenceRule === 'visual'

function evidenceAsk(item: GateItem): string {
  if (item.evidenceRule === 'visual') return 'Evidence: an image, a video or a URL. Paste or type it.'
  return needsEvidence(item)
    ? 'Evidence: a file or a URL. Paste or type it.'
    : 'Evidence, if there is any: a file or a URL.'
}

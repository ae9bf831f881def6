import { clockTime, duration } from '../../core/age.ts'
import type { Gate, GateItem } from '../../core/facts.ts'
import { wrap } from '../../core/text.ts'
import { fit, line, muted, pad, spread, strong, t, type Line } from '../line.ts'
import { glyph } from '../theme.ts'

/** `▸ ○  Sign-in walks through  evidence required  manual` */
export function itemRow(item: GateItem, selected: boolean, columns: number, titles: number, spinner: string): Line {
  const title = t(item.title, 'text', selected)
  const left = line(
    t(selected ? `${glyph.pointer} ` : '  ', 'key'),
    mark(item, spinner),
    '  ',
    pad(title, titles),
    '  ',
    says(item),
  )
  return spread(
    left,
    muted(`${item.kind === 'check' ? 'auto' : item.when === 'after' ? 'after' : 'manual'}  `),
    columns,
  )
}

function mark(item: GateItem, spinner: string): Line {
  if (item.state === 'pass') return t(glyph.ok, 'ok')
  if (item.state === 'fail') return t(glyph.bad, 'danger')
  if (item.state === 'waived') return t(glyph.warn, 'attention')
  return item.state === 'running' ? t(spinner, 'key') : t(glyph.open)
}

function says(item: GateItem): Line {
  const took = item.ms === null ? '' : `, ${duration(item.ms)}`
  if (item.state === 'running') return line('running')
  if (item.state === 'pass')
    return line(`${item.kind === 'check' ? 'passed' : `confirmed by ${item.by ?? 'somebody'}`}${took}`)
  if (item.state === 'fail') return t(`failed${item.reason === null ? '' : `: ${item.reason}`}${took}`, 'danger')
  if (item.state === 'waived') return t(`waived by ${item.approvedBy ?? item.by ?? 'somebody'}`, 'attention')
  if (item.kind === 'check') return muted('not run')
  return line(
    item.evidenceRule === 'visual'
      ? 'screenshot or URL required'
      : item.evidenceRule === 'required'
        ? 'evidence required'
        : 'to confirm',
  )
}

/** What follows from a gate that is passed, for as long as it holds. */
export function passedLine(gate: Gate, columns: number): Line {
  const until = gate.expiresAt === null ? '' : ` until ${clockTime(gate.expiresAt).slice(0, 5)}Z`
  const rest = muted(' reviews the deploy')
  return fit(line('  ', t(`${glyph.ok}  Gate passed${until}`, 'ok'), '   ', t('d', 'key'), rest), columns - 1)
}

/** What to look at, why, and what was given; for the lines below the list or the pane beside it. */
export function itemDetail(item: GateItem, columns: number): Line[] {
  const text = (words: string): Line[] => (words === '' ? [] : wrap(words, columns).map((each) => line(each)))
  const evidence = item.evidence.flatMap((each) =>
    text(
      `Evidence: ${each.from}${each.status === undefined ? '' : ` answered ${each.status}`}, sha256 ${each.sha256.slice(0, 12)}`,
    ),
  )
  return [
    strong(item.title),
    ...text(item.look),
    ...text(item.why === '' ? '' : `Why: ${item.why}`),
    ...(item.state === 'open' && item.kind === 'confirmation' ? text(wantsEvidence(item)) : []),
    ...(item.state === 'open' && item.kind === 'check' ? text('R runs the checks.') : []),
    ...evidence,
    ...text(item.reason === null ? '' : `Reason: ${item.reason}`),
    ...item.output.slice(-8).map((each) => muted(each)),
  ]
}

function wantsEvidence(item: GateItem): string {
  if (item.evidenceRule === 'visual') return 'Evidence: a screenshot file or a URL. Paste or type a path.'
  if (item.evidenceRule === 'required') return 'Evidence: a file or a URL. Paste or type a path.'
  return item.evidenceRule === 'optional'
    ? 'Evidence is welcome: a file or a URL. space confirms without.'
    : 'space confirms.'
}

/** Everything kept of an item, for reading in full. */
export function itemOutput(item: GateItem): string[] {
  return [
    item.title,
    item.look,
    item.why,
    item.reason ?? '',
    ...item.evidence.map((each) => `${each.from}  ${each.kept ?? ''}  ${each.sha256}`),
    ...item.output,
  ].filter((text) => text !== '')
}

import { duration } from '../../core/age.ts'
import type { RunView } from '../../core/deck.ts'
import type { Step } from '../../core/plan.ts'
import { amountOf, leftOf, leftWords, progressLines, shareOf } from '../../core/progress.ts'
import { firstFit, fit, line, muted, pad, spread, t, type Line } from '../line.ts'
import { glyph } from '../theme.ts'

export type TreeRow = { step: Step; depth: number }

/** A step that was cut off by the death of its process says nothing more; once the run has ended, it does not run. */
function stateOf(view: RunView, id: string): string {
  const state = view.states[id]?.state ?? 'waiting'
  return view.end !== null && state === 'running' ? 'waiting' : state
}

const moving = (state: string): boolean => state === 'running' || state === 'undoing'

/** A step of the end is worth a row once it works, failed, or took time; most have nothing to do. */
function hasHappened(view: RunView, id: string): boolean {
  const state = stateOf(view, id)
  return state !== 'waiting' && (state !== 'done' || (view.states[id]?.ms ?? 0) >= 50)
}

function flat(steps: readonly Step[], depth: number): TreeRow[] {
  return steps.flatMap((step) => [{ step, depth }, ...flat(step.steps ?? [], depth + 1)])
}

/** The innermost step that is moving; else the one that failed; else the last that was begun. */
export function activeStep(view: RunView): string | null {
  const rows = flat([...view.plan.steps, ...view.plan.always], 0)
  const state = (row: TreeRow): string => stateOf(view, row.step.id)
  const found =
    rows.findLast((row) => moving(state(row))) ??
    rows.findLast((row) => state(row) === 'failed') ??
    rows.findLast((row) => state(row) !== 'waiting')
  return found?.step.id ?? rows[0]?.step.id ?? null
}

/**
 * The tree as rows. When there is no room for all, what is finished or has not begun is folded to its parent;
 * what is done whatever happens shows once it happens.
 */
export function visibleSteps(view: RunView, room: number, selected: string): TreeRow[] {
  const top = [...view.plan.steps, ...view.plan.always.filter((step) => hasHappened(view, step.id))]
  const all = flat(top, 0)
  if (all.length <= room) return all
  return top.flatMap((step) => {
    const inside = flat([step], 0)
    const keep = inside.some(
      (row) =>
        moving(stateOf(view, row.step.id)) || row.step.id === selected || stateOf(view, row.step.id) === 'failed',
    )
    return keep ? inside : [{ step, depth: 0 }]
  })
}

/** What a run does that has failed but not ended: nothing further is begun, so there is nothing left to stop. */
export function failedWords(view: RunView): string | null {
  const states = flat(view.plan.steps, 0).map((row) => stateOf(view, row.step.id))
  if (states.some((state) => state === 'undoing' || state === 'undone')) return 'failed, putting it back'
  return view.plan.steps.some((step) => stateOf(view, step.id) === 'failed' && step.onFail !== 'owe')
    ? 'failed, cleaning up'
    : null
}

/** The next step before which the run may be stopped; null when there is none left. */
function safeStop(view: RunView): Step | null {
  const rows = flat(view.plan.steps, 0)
  if (view.plan.certifiedBy !== null && ['done', 'running', 'already'].includes(stateOf(view, view.plan.certifiedBy)))
    return null
  const running = rows.find(
    (row) =>
      stateOf(view, row.step.id) === 'running' && row.step.stop === 'anytime' && (row.step.steps ?? []).length === 0,
  )
  return (
    running?.step ??
    rows.find((row) => stateOf(view, row.step.id) === 'waiting' && row.step.stop !== 'never')?.step ??
    null
  )
}

/** Where a stop would take hold: "now", "before: Certify", or null when it is too late for one. */
export function stopWords(view: RunView): string | null {
  const step = safeStop(view)
  if (step === null) return null
  return stateOf(view, step.id) === 'running' ? 'now' : `before: ${step.title}`
}

type Drawing = { columns: number; now: Date; spinner: string; selected: string | null; active: string | null }

const TITLE = { least: 23, most: 34 }

/** One width for the whole run, so that nothing moves when steps fold. */
function titleColumn(view: RunView, columns: number): number {
  if (columns < 76) return TITLE.least
  const longest = flat(view.plan.steps, 0).map(({ step, depth }) => depth * 3 + step.title.length + 2)
  return Math.max(TITLE.least, Math.min(TITLE.most, Math.max(...longest)))
}

export function stepRows(rows: readonly TreeRow[], view: RunView, drawing: Drawing): Line[] {
  const titles = titleColumn(view, drawing.columns)
  return rows.map((row) => {
    const { step, depth } = row
    const state = stateOf(view, step.id)
    const pointer = step.id === drawing.selected ? t(`${glyph.pointer} `, 'key') : line('  ')
    const indent = '   '.repeat(depth)
    const wide = Math.max(8, titles - indent.length)
    // One space at least before what is said of it.
    const title = pad(fit(t(step.title, state === 'waiting' ? 'muted' : 'text', moving(state)), wide - 1), wide)
    const time = timeOf(view, step.id, state, drawing.now)
    const room = drawing.columns - 2 - indent.length - 3 - wide - time.length - 4
    return spread(
      line(
        pointer,
        indent,
        mark(state, step.id === drawing.active, drawing.spinner),
        '  ',
        title,
        says(view, step, state, drawing.now, room),
      ),
      line(t(time, 'muted'), '  '),
      drawing.columns,
    )
  })
}

function mark(state: string, active: boolean, spinner: string): Line {
  if (state === 'done' || state === 'already') return t(glyph.ok, 'ok')
  if (state === 'failed') return t(glyph.bad, 'danger')
  if (state === 'owed') return t(glyph.warn, 'attention')
  if (state === 'undone' || (state === 'undoing' && !active)) return t(glyph.back, 'attention')
  if (moving(state)) return t(active ? spinner : glyph.pointer, 'key')
  return muted(glyph.open)
}

function timeOf(view: RunView, id: string, state: string, now: Date): string {
  const known = view.states[id]
  if (known === undefined) return ''
  // Less than a twentieth of a second would read as nothing.
  if (known.ms !== null && !moving(state)) return known.ms < 50 ? '' : duration(known.ms)
  if (!moving(state) || known.startedAt === null) return ''
  const ms = now.getTime() - Date.parse(known.startedAt)
  return ms < 1_000 ? '' : duration(Math.floor(ms / 1_000) * 1_000)
}

function says(view: RunView, step: Step, state: string, now: Date, room: number): Line {
  const error = view.states[step.id]?.error
  if (error) return t(error, state === 'owed' ? 'attention' : 'danger')
  if (state === 'undone') return muted('put back')
  if (state === 'undoing') return t('being put back', 'attention')
  if (state === 'already') return muted('was already done')
  if (state === 'running' && (step.steps ?? []).length === 0) {
    const progress = progressOf(view, step, now)
    if (progress.length > 0) return firstFit(progress, room)
  }
  return muted(step.detail ?? '')
}

const BAR = 12

function progressOf(view: RunView, step: Step, now: Date): Line[] {
  const bytes = view.bytes[step.id]
  const passed = msOf(view, step.id, now)
  if (bytes === undefined) {
    // Nothing is counted: how long it took the last time is all there is.
    const guess = leftWords((step.expect?.ms ?? 0) - passed, passed)
    return guess === '' ? [] : [muted(guess)]
  }
  const share = shareOf(bytes)
  if (share === null) return progressLines(bytes, passed).map((text) => line(text))
  const full = Math.round(share * BAR)
  const bar = line(t('█'.repeat(full), 'key'), muted('░'.repeat(BAR - full)))
  const percent = `  ${String(Math.floor(share * 100)).padStart(2)} %`
  const rest = leftWords(leftOf(share, passed), passed)
  const guess = muted(rest === '' ? '' : `   ${rest}`)
  return [line(bar, percent, guess), line(percent.trim(), guess), line(bar, percent), line(percent.trim())]
}

/** What a step has done so far, for the rule above its log: "2.0 of 5.2 MB, 162 kB/s"; empty where nothing is counted. */
export function progressWords(view: RunView, id: string, now: Date): string {
  const bytes = view.bytes[id]
  if (bytes === undefined || stateOf(view, id) !== 'running') return ''
  if ((bytes.total ?? bytes.done) < WORTH_SAYING) return ''
  return amountOf(bytes, msOf(view, id, now))
}

/** Bytes. Less is done before anybody has read how much it was. */
const WORTH_SAYING = 1_000_000

/** How long a step has been at it, ms: at this pass over its bytes, where it counts them. */
function msOf(view: RunView, id: string, now: Date): number {
  const started = view.bytes[id]?.since ?? view.states[id]?.startedAt
  return started == null ? 0 : now.getTime() - Date.parse(started)
}

import { age, duration, size } from '../../core/age.ts'
import type { Facts, HistoryRow } from '../../core/facts.ts'
import type { NextAction } from '../../core/next-actions.ts'
import { wrap } from '../../core/text.ts'
import { empty, line, muted, pad, strong, t, type Line } from '../line.ts'
import { bad, good, open, sentence, shortOid, warn } from '../words.ts'

/** What stands behind an action, for the pane beside the list. */
export function actionDetail(action: NextAction, facts: Facts, columns: number): Line[] {
  return [
    strong(action.title),
    ...wrap(sentence(action.why), columns).map((text) => line(text)),
    empty,
    ...behind(action, facts, columns),
  ]
}

function behind(action: NextAction, facts: Facts, columns: number): Line[] {
  if (action.id === 'backup') return backups(facts)
  if (action.id === 'gate') return gate(facts)
  if (action.id === 'deploy') return holds(facts, columns)
  if (!facts.live.ok) return wrap(facts.live.because, columns).map((text) => line(text))
  return pairs([
    ['Page', facts.live.value.url],
    ['BUILD_ID', facts.live.value.buildId],
    ['Answered', duration(facts.live.value.ms)],
  ])
}

function pairs(rows: readonly (readonly [string, string])[]): Line[] {
  return rows.filter(([, value]) => value !== '').map(([name, value]) => line(pad(muted(name), 10), value))
}

function backups(facts: Facts): Line[] {
  if (!facts.backups.ok) return [line(facts.backups.because)]
  const now = new Date(facts.at)
  const newest = facts.backups.value.toSorted((a, b) => b.at.localeCompare(a.at)).slice(0, 12)
  return [
    muted('Newest backups'),
    ...newest.map((each) =>
      line(
        pad(line(each.kind), 9),
        pad(line(age(each.at, now)), 11),
        pad(line(each.bytes === 0 ? '' : size(each.bytes)), 8),
        each.state === 'ok' ? each.rung : t(each.state, 'danger'),
      ),
    ),
  ]
}

function gate(facts: Facts): Line[] {
  if (!facts.gate.ok) return [line(facts.gate.because)]
  return facts.gate.value.items.map((item) => {
    if (item.state === 'pass') return good(item.title)
    if (item.state === 'fail') return bad(item.title)
    return item.state === 'waived' ? warn(`${item.title}, waived`) : open(item.title)
  })
}

function holds(facts: Facts, columns: number): Line[] {
  const next = facts.git.ok ? facts.git.value.next : null
  const commit =
    next === null
      ? []
      : [
          ...pairs([
            ['Commit', shortOid(next.oid)],
            ['By', next.author],
          ]),
          ...wrap(next.subject, columns).map((text) => line(text)),
          empty,
        ]
  const held = facts.deployHolds.flatMap((hold) => [
    warn(hold.why),
    ...wrap(hold.fix, columns - 2).map((text) => muted(`  ${text}`)),
  ])
  const warnings = facts.deployWarnings.flatMap((text) => wrap(text, columns).map((each) => line(each)))
  return [
    ...commit,
    ...(held.length > 0 ? [muted('Holds'), ...held] : [good('Nothing holds it.')]),
    ...(warnings.length > 0 ? [empty, ...warnings] : []),
  ]
}

/** What is known of a past release. */
export function historyDetail(row: HistoryRow | undefined, facts: Facts, columns: number): Line[] {
  if (row === undefined) return []
  const log = facts.logs.ok ? facts.logs.value.find((each) => each.file === row.log) : undefined
  return [
    strong(row.name),
    ...wrap(log?.title ?? row.note, columns).map((text) => line(text)),
    empty,
    ...pairs([
      ['When', `${row.at.slice(0, 16).replace('T', ' ')} UTC`],
      ['Type', row.type],
      ['By', row.by],
      ['Commit', row.commit === null ? '' : shortOid(row.commit)],
      ['BUILD_ID', log?.buildId ?? ''],
      ['Version', log?.version ?? ''],
      ['Backup', log?.backup ?? ''],
      ['Back to', log?.rollbackTarget ?? ''],
      ['Took', row.tookMs === null ? '' : duration(row.tookMs)],
      ['Log', row.log ?? ''],
      ['Run', row.run ?? ''],
    ]),
  ]
}

import { age, size as bytes } from '../../core/age.ts'
import type { Deck, DeckFacts } from '../../core/deck.ts'
import type { DeployLogEntry, Facts } from '../../core/facts.ts'
import { drillWords, mirrorWords, type DueWords } from '../../core/due-words.ts'
import { count } from '../../core/next-actions.ts'
import { releaseTagOn } from '../../core/release.ts'
import { unborn } from '../../core/unborn.ts'
import { empty, fit, firstFit, line, muted, pad, strong, t, widthOf, type Line } from '../line.ts'
import { bad, good, open, sentence, shortOid, unknownLine, warn } from '../words.ts'
import { backupRows, doubtRows } from './dashboard-backups.ts'

const LABEL = 9
const STATUS = 19

/** `most` is how many kinds of backup there is room for. */
type Look = DeckFacts & { now: Date; columns: number; most: number; freshMs: Deck['freshMs'] }

/** What is live, what is next, the log, the backups: the rows that answer "is it fine?". */
export function factRows(look: Look): Line[] {
  return [
    ...lockRows(look),
    liveRow(look),
    nextRow(look),
    ...logRow(look),
    ...backupBlock(look),
    ...dueRows(look),
    ...diskRow(look),
    ...doubtRows({ ...look, room: 0 }),
    ...driftRows(look),
  ]
}

function row(look: Look, label: string, wordings: readonly Line[], status: Line): Line {
  const room = look.columns - 2 - LABEL - 1
  const left = widthOf(status) === 0 ? room : room - Math.max(STATUS, widthOf(status) + 1)
  return line('  ', pad(t(label, 'muted'), LABEL), pad(firstFit(wordings, left - 1), left), status)
}

function liveRow(look: Look): Line {
  const { facts, checking, now } = look
  if (!facts.git.ok)
    return row(look, 'Live', [unknownLine(facts.git, checking.has('git'), now, () => empty)], liveStatus(look))
  const git = facts.git.value
  if (git.current === null)
    return row(
      look,
      'Live',
      [line('Nothing released yet. d makes the first release.'), line('Nothing released yet.')],
      liveStatus(look),
    )
  const tag = releaseTagOn(git, git.current)
  const commit = shortOid(git.current)
  if (tag === undefined) {
    const back = facts.history.find((each) => each.mark === 'rollback' && each.commit === git.current)
    const went = back === undefined ? '' : `rolled back ${age(back.at, now)}`
    const how = back === undefined ? ['without a prod tag'] : [`${went} by ${back.by}`, went, 'rolled back']
    return row(
      look,
      'Live',
      how.map((says) => line(strong(commit), `   ${says}`)),
      liveStatus(look),
    )
  }
  const name = strong(tag.name)
  const when = age(tag.at, now)
  const wordings = [
    line(name, `   ${commit}   ${when} by ${tag.tagger}`),
    line(name, `   ${commit}   ${when}`),
    line(name, `  ${commit}  ${when}`),
    line(name, `  ${when}`),
    name,
  ]
  return row(look, 'Live', wordings, liveStatus(look))
}

function liveStatus({ facts, checking }: Look): Line {
  const current = facts.git.ok ? facts.git.value.current : null
  if (!facts.live.ok) {
    if (current === null && facts.git.ok && !checking.has('live')) return empty
    if (checking.has('live') || facts.live.because === '') return muted('checking…')
    return facts.live.last ? warn(`BUILD_ID ${age(facts.live.last.at, new Date(facts.at))}`) : warn('BUILD_ID unknown')
  }
  if (facts.live.value.matches === null) return bad('unknown BUILD_ID')
  if (current !== null && facts.live.value.matches !== current)
    return bad(`serves ${shortOid(facts.live.value.matches)}`)
  return good('BUILD_ID matches')
}

function nextRow(look: Look): Line {
  const { facts, checking, now } = look
  if (!facts.git.ok) return row(look, 'Next', [unknownLine(facts.git, checking.has('git'), now, () => empty)], empty)
  const { next, branch, ahead, migrations, dirty, fastForward } = facts.git.value
  if (next === null) return row(look, 'Next', [line(`${sentence(unborn(facts.git.value).why)}.`)], empty)
  const what = ahead === 0 ? 'is what is live' : ahead === null ? next.subject : changes(ahead, migrations)
  const extra = !fastForward ? ', behind the remote' : dirty.length > 0 ? `, ${dirty.length} uncommitted` : ''
  const head = `${branch} ${shortOid(next.oid)}`
  // That a migration comes along is worth more than the name of the commit, which the gate below says.
  const alone = ahead === null || ahead === 0 ? [] : [`${what}${extra}`, what]
  return row(
    look,
    'Next',
    [`${head}      ${what}${extra}`, `${head}  ${what}${extra}`, `${head}  ${what}`, ...alone].map((says) =>
      line(says),
    ),
    ahead === 0 ? empty : gateStatus(facts, checking),
  )
}

/** "6 commits, 1 migration". */
function changes(commits: number, migrations: number | null): string {
  const data = migrations === null || migrations === 0 ? '' : `, ${count(migrations, 'migration')}`
  return `${count(commits, 'commit')}${data}`
}

function gateStatus(facts: Facts, checking: ReadonlySet<string>): Line {
  if (!facts.gate.ok)
    return checking.has('gate') || facts.gate.because === '' ? muted('checking…') : warn('gate unknown')
  const { state, items } = facts.gate.value
  const passed = items.filter((item) => item.state === 'pass' || item.state === 'waived').length
  if (state === 'passed') return good('gate passed')
  if (state === 'failed') return bad('gate failed')
  if (state === 'expired') return warn('gate expired')
  return open(state === 'open' ? `gate ${passed} of ${items.length}` : 'gate not run')
}

function logRow(look: Look): Line[] {
  const { facts, checking, now } = look
  if (!facts.logs.ok)
    return [row(look, 'Log', [unknownLine(facts.logs, checking.has('logs'), now, () => empty)], empty)]
  // Of thousands, at every frame: times compare as they are written, and no order is needed.
  const [first, ...others] = facts.logs.value
  const newest = others.reduce((best, one) => (timeOf(one) > timeOf(best ?? one) ? one : best), first)
  if (newest === undefined) return [row(look, 'Log', [muted('No deploy log yet.')], empty)]
  return [row(look, 'Log', [line(newest.file)], line(age(newest.at ?? newest.date, now)))]
}

function timeOf({ at, date }: DeployLogEntry): string {
  return at ?? date
}

function backupBlock(look: Look): Line[] {
  const room = look.columns - 2 - LABEL - 1 - STATUS
  return backupRows({ ...look, room }).map(({ says, status }, index) =>
    row(look, index === 0 ? 'Backups' : '', [says], status),
  )
}

/** When the drills are due, and how far behind each mirror is. */
function dueRows(look: Look): Line[] {
  const drills = drillWords(look.facts.drills, look.now)
  const mirrors = look.facts.mirrors.slice(0, look.most).map((mirror) => mirrorWords(mirror, look.now))
  const marks = { good, open, warn }
  const asRow = (label: string, { says, status, tone }: DueWords): Line =>
    row(
      look,
      label,
      says.map((text) => line(text)),
      marks[tone](status),
    )
  return [
    ...(drills === null ? [] : [asRow('Drills', drills)]),
    ...mirrors.map((words, index) => asRow(index === 0 ? 'Mirrors' : '', words)),
  ]
}

function lockRows(look: Look): Line[] {
  const { local, shared } = look.facts.lock
  const holder = (local.ok ? local.value : null) ?? (shared.ok ? shared.value : null)
  if (holder === null) return []
  const who = `${holder.operator}@${holder.host}`
  return [
    row(
      look,
      'Lock',
      [line(`${holder.op} by ${who} since ${age(holder.at, look.now)}`), line(`${holder.op} by ${who}`)],
      warn('locked'),
    ),
  ]
}

function diskRow(look: Look): Line[] {
  const { disk } = look.facts
  if (!disk.ok || disk.value.total === 0) return []
  const full = Math.round((1 - disk.value.free / disk.value.total) * 100)
  if (full < 80 && disk.value.free > 2e9) return []
  return [
    row(look, 'Disk', [line(`${bytes(disk.value.free)} free of ${bytes(disk.value.total)}`)], warn(`${full} % used`)),
  ]
}

function driftRows(look: Look): Line[] {
  return look.facts.drift.map((says) =>
    fit(line('  ', warn(sentence(says.replace(/\b[0-9a-f]{40}\b/g, shortOid)))), look.columns - 2),
  )
}

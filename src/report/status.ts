import { age, size } from '../core/age.ts'
import type { ListedBackup } from '../core/backup.ts'
import { doubtsOf, missingKinds, summarize, verdictOf, type KindSummary } from '../core/backup-summary.ts'
import { drillWords, mirrorWords } from '../core/due-words.ts'
import { diskWarnings } from '../core/disk-warnings.ts'
import { count } from '../core/next-actions.ts'
import type { Facts, RunSummary } from '../core/facts.ts'
import type { Known } from '../core/known.ts'
import type { Project } from '../core/project.ts'
import { releaseTagOn } from '../core/release.ts'
import { clean } from '../core/text.ts'
import { unborn } from '../core/unborn.ts'
import { table } from './table.ts'

/** The state of a project as lines for people; the same facts the dashboard draws. */
export function statusLines(project: Project, facts: Facts): string[] {
  const now = new Date(facts.at)
  const rows = [
    ['Live', ...live(facts, now)],
    ['Next', ...next(facts)],
    ['Gate', gate(facts)],
    ['Log', newestLog(facts)],
    ...backups(project, facts, now),
    ...due(facts, now),
    ['Session', session(facts, now)],
    ['Lock', lock(facts)],
    ['Disk', told(facts.disk, (disk) => `${size(disk.free)} free, backups hold ${size(disk.used)}`)],
  ]
  return [
    `${clean(project.project)} / ${clean(project.environment)}   as of ${facts.at}`,
    '',
    ...table(rows.map((row) => [`  ${row[0] ?? ''}`, ...row.slice(1)])),
    ...block('Not known', unknowns(facts)),
    ...block('Running', unended(facts, 'running', 'attach')),
    ...block('Interrupted', unended(facts, 'interrupted', 'resume')),
    ...block('In doubt', facts.backups.ok ? doubtsOf(summarize(facts.backups.value, now)) : []),
    ...block('Drift', facts.drift),
    ...block(
      'A deploy is held',
      facts.deployHolds.map((hold) => `${hold.why}: ${hold.fix}`),
    ),
    ...block('Mind', [...facts.deployWarnings, ...(facts.disk.ok ? diskWarnings(project, facts.disk.value) : [])]),
  ]
}

function told<T>(fact: Known<T>, say: (value: T) => string): string {
  return fact.ok ? say(fact.value) : `unknown: ${fact.because}`
}

/** What to do about every fact that could not be told, in full: a cell of the table would cut it. */
function unknowns({ git, live, gate, logs, backups, session, disk }: Facts): string[] {
  const facts: Known<unknown>[] = [git, live, gate, logs, backups, session, disk]
  const lines = facts.flatMap((fact) => (fact.ok || fact.fix === '' ? [] : [`${fact.because}: ${fact.fix}`]))
  return [...new Set(lines)]
}

function live(facts: Facts, now: Date): string[] {
  const current = facts.git.ok ? facts.git.value.current : null
  const tag = facts.git.ok ? releaseTagOn(facts.git.value, current) : undefined
  const proof = told(facts.live, (value) =>
    value.matches === null
      ? `BUILD_ID ${value.buildId.slice(0, 12)} is not a known commit`
      : `BUILD_ID ${value.buildId.slice(0, 7)}`,
  )
  if (tag) return [tag.name, tag.commit.slice(0, 7), `${age(tag.at, now)} by ${tag.tagger}`, proof]
  if (current === null) return ['nothing certified yet', '', '', proof]
  const back = facts.history.find((row) => row.mark === 'rollback' && row.commit === current)
  const how = back === undefined ? 'without a prod tag' : `rolled back ${age(back.at, now)} by ${back.by}`
  return [current.slice(0, 7), '', how, proof]
}

function next(facts: Facts): string[] {
  if (!facts.git.ok) return [told(facts.git, () => '')]
  const { branch, next: commit, ahead, migrations } = facts.git.value
  if (commit === null) return [unborn(facts.git.value).why]
  const commits = ahead === null ? '' : count(ahead, 'commit')
  const data =
    migrations === null || migrations === 0 ? '' : migrations === 1 ? ', 1 migration' : `, ${migrations} migrations`
  return [`${branch} ${commit.oid.slice(0, 7)}`, `${commits}${data}`, commit.subject]
}

function gate(facts: Facts): string {
  return told(facts.gate, (value) => {
    const passed = value.items.filter((item) => item.state === 'pass' || item.state === 'waived').length
    const asked = value.items.length === 0 ? 'it asks for nothing' : `${passed} of ${value.items.length}`
    return `${value.state} for ${value.commit.slice(0, 7)}, ${asked}`
  })
}

function newestLog(facts: Facts): string {
  return told(facts.logs, (logs) => logs[0]?.file ?? 'nothing released yet')
}

/** Each kind by its last proven backup, for that is what one can go back to; with none, by its newest. */
function backups(project: Project, facts: Facts, now: Date): string[][] {
  if (!facts.backups.ok) return [['Backups', told(facts.backups, () => '')]]
  const kinds = summarize(facts.backups.value, now)
  const missing = missingKinds(kinds, (kind) => project.backups[kind]?.freshMs ?? null)
  if (kinds.length + missing.length === 0) return [['Backups', 'none yet']]
  const rows = kinds.map((kind) => {
    const told = kind.proven ?? kind.newest
    const weight = told.bytes === 0 ? 'no data' : size(told.bytes)
    return [kind.kind, age(told.at, now), `${weight}, ${proof(project, kind, now)}`]
  })
  return [...missing.map((kind) => [kind, 'none yet']), ...rows].map((row, at) => [at === 0 ? 'Backups' : '', ...row])
}

function proof(project: Project, kind: KindSummary, now: Date): string {
  const { newest, proven } = kind
  const { says, tone } = verdictOf(kind, project.backups[kind.kind]?.freshMs ?? null, now)
  const why = newest.state === 'ok' ? '' : `: ${newest.because ?? 'no reason known'}`
  const rung = proven === null ? '' : `${proven.rung}${provenAge(proven, now)}`
  return [rung, tone === 'good' && says === 'proven' ? '' : `${says}${why}`].filter((text) => text !== '').join(', ')
}

/** A proof that was given later than the backup was made has an age of its own. */
function provenAge({ at, provenAt }: ListedBackup, now: Date): string {
  return provenAt === null || age(provenAt, now) === age(at, now) ? '' : ` ${age(provenAt, now)}`
}

function due(facts: Facts, now: Date): string[][] {
  const drills = drillWords(facts.drills, now)
  const mirrors = facts.mirrors.map((mirror) => mirrorWords(mirror, now))
  return [
    ...(drills === null ? [] : [['Drills', drills.says[0] ?? '', drills.status]]),
    ...mirrors.map(({ says, status }, index) => [index === 0 ? 'Mirrors' : '', clean(says[0] ?? ''), status]),
  ]
}

function session(facts: Facts, now: Date): string {
  return told(facts.session, (value) =>
    value === null
      ? 'none open; knowngood kickoff opens one'
      : `opened ${age(value.startedAt, now)} by ${value.operator}, ${count(value.backups.length, 'backup')}`,
  )
}

function lock(facts: Facts): string {
  const say = (where: string, fact: Facts['lock']['local']) =>
    told(fact, (holder) => (holder === null ? '' : `${where}: ${holder.op} by ${holder.operator}@${holder.host}`))
  const held = [say('local', facts.lock.local), say('shared', facts.lock.shared)].filter((text) => text !== '')
  return held.length === 0 ? 'free' : held.join(' · ')
}

function unended(facts: Facts, state: RunSummary['state'], verb: string): string[] {
  const runs = facts.runs.ok ? facts.runs.value.filter((run) => run.state === state) : []
  return runs.map(
    (run) => `${run.title}: ${state} at ${run.lastStepTitle ?? 'its start'} (knowngood ${verb} ${run.id})`,
  )
}

function block(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `  ${title}`, ...lines.map((line) => `    ${clean(line)}`)]
}

import { join } from 'node:path'
import type { Json } from '../core/json.ts'
import { statePaths } from '../core/paths.ts'
import type { Arg, Ref, Step } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { RELEASE_TABLE } from '../core/release-table.ts'
import type { Decided } from './decided.ts'
import { call, lookAt, step } from '../core/step.ts'

type Value = string | Ref

/** The tag's object; nothing points at it before the push. */
export function tagStep(decided: Decided, tag: string, commit: string, lines: Record<string, string | null>): Step {
  const said = Object.entries(lines).map(([name, value]) => `${name}: ${value ?? 'none'}`)
  const message = `${tag}\n\n${said.join('\n')}\n`
  const input = { name: tag, commit, message, by: { ...decided.by, at: decided.now } }
  return step(
    'tag',
    'Tag',
    [call('tag.make', input, `write the annotated tag ${tag}`, [['git', 'tag', '-a', tag, commit, '-m', message]])],
    {
      detail: tag,
      effect: 'local',
      gives: ['oid'],
      probe: call('tag.probe', input, 'whether the tag is written'),
      onFail: 'halt',
    },
  )
}

/** The point of no return: tag, current branch and lock in one atomic push. */
export function certifyStep(
  project: Project,
  decided: Decided,
  of: { remote: string | null; tag: string | null; commit: Value; from: string | null },
): Step {
  const { current } = project.git
  const { remote, commit, from } = of
  const tag = of.tag === null ? null : { name: of.tag, oid: { $: 'tag.oid' } }
  const input = { remote, nonce: remote === null ? null : decided.nonce, tag, current, from, commit }
  const refs = of.tag === null ? [] : [`refs/tags/${of.tag}`]
  const hand = typeof commit === 'string' ? commit : `<${commit.$}>`
  const byHand =
    remote === null
      ? [['git', 'branch', '-f', current, hand]]
      : [
          [
            'git',
            'push',
            '--atomic',
            `--force-with-lease=refs/heads/${current}:${from ?? ''}`,
            '--',
            remote,
            ...refs,
            `${hand}:refs/heads/${current}`,
          ],
        ]
  const says = of.tag === null ? `move ${current}` : `publish ${of.tag} and move ${current}, both or neither`
  return step('certify', of.tag === null ? `Move ${current}` : 'Certify', [call('certify.push', input, says, byHand)], {
    detail: of.tag === null ? 'to what is proven live' : `${of.tag}, ${current}`,
    effect: 'outward',
    fence: remote !== null,
    gives: ['commit'],
    probe: call(
      'certify.probe',
      input,
      `where ${current} stands on the remote`,
      lookAt(remote, `refs/heads/${current}`, ...refs),
    ),
    stop: 'never',
    onFail: 'halt',
  })
}

const book = { effect: 'local', stop: 'never', onFail: 'owe' } as const

/** The staged artefact gets the tag's name and a record of its own. */
export function publishStep(
  project: Project,
  decided: Decided,
  of: { staged: string; tag: string; commit: string; subject: string; schema: string | null },
): Step {
  const { dir } = project.backups.prod
  const id = of.tag.replaceAll('/', '-')
  const { run, operator, now: at } = decided
  const notes = null
  const record = {
    schema: 1,
    id,
    kind: 'prod',
    at,
    origin: 'knowngood',
    run,
    operator,
    commit: of.commit,
    commitSubject: of.subject,
    branch: project.git.branch,
    notes,
    schemaRevision: of.schema,
  }
  const input = { staged: of.staged, path: join(dir, `${id}.zip`), record }
  return step(
    'artefact',
    'Archive',
    [call('artefact.publish', input, `keep the exact artefact as ${input.path}`, [['mv', of.staged, input.path]])],
    {
      ...book,
      detail: input.path,
      gives: ['path', 'bytes', 'sha256'],
      probe: call('artefact.published', input, 'whether the artefact is archived', [['sha256sum', input.path]]),
    },
  )
}

/** The record's row, and where a later step gives a value, its name in angle brackets. */
function insertByHand(row: { [key: string]: Json }): string {
  const quoted = (value: Json) => {
    if (value === null) return 'NULL'
    const text = typeof value === 'object' && '$' in value ? `<${String(value['$'])}>` : String(value)
    return `'${text.replaceAll("'", "''")}'`
  }
  const columns = Object.keys(row).map((name) => `"${name}"`)
  return `INSERT INTO "ReleaseRecord" (${columns.join(', ')}) VALUES (${Object.values(row).map(quoted).join(', ')})`
}

/** Adds the row where the project keeps its release records. */
export function recordStep(project: Project, row: { [key: string]: Json }): Step {
  const input = { url: project.records.url, row }
  const ask = (sql: string): Arg[][] => [
    input.url.startsWith('$')
      ? ['psql', '-d', { secret: input.url.slice(1) }, '-c', sql]
      : ['sqlite3', input.url.replace(/^sqlite:/, ''), sql],
  ]
  const insert = ask((input.url.startsWith('$') ? '' : `${RELEASE_TABLE}; `) + insertByHand(row))
  const look = ask('SELECT * FROM "ReleaseRecord" ORDER BY "recordedAt" DESC LIMIT 5')
  return step('record', 'Record', [call('record.insert', input, 'add the ReleaseRecord', insert)], {
    ...book,
    detail: `a row in ${input.url.replace(/^sqlite:/, '')}`,
    gives: ['id'],
    probe: call('record.probe', input, 'whether this run has its record', look),
  })
}

/** The log of a run that came to its end, and the index over all of them. */
export function logSteps(project: Project, input: { [key: string]: Json }): Step[] {
  const { dir } = project.logs
  const look = [['ls', '-t', dir]]
  return [
    step('log', 'Log', [call('log.write', input, `write the log into ${dir}`)], {
      ...book,
      detail: `a page in ${dir}`,
      gives: ['path'],
      probe: call('log.probe', input, 'whether this run has its log', look),
    }),
    step('index', 'Index', [call('index.write', { dir }, `write ${dir}/index.json`)], {
      ...book,
      detail: `${dir}/index.json`,
      gives: ['path'],
      probe: call('again.probe', {}, 'it may be written again'),
    }),
  ]
}

/** The log of a run that did not; it looks at how the run ended. */
export function failedLogStep(input: { [key: string]: Json }): Step {
  const ended = { outcome: { $: 'run.outcome' }, failedStep: { $: 'run.failedStep' }, error: { $: 'run.error' } }
  return step(
    'log-failed',
    'Log a failure',
    [call('log.failed', { ...input, ...ended }, 'write the log of a run that failed')],
    {
      ...book,
      detail: 'where it stopped, and why',
      gives: ['path'],
      probe: call('log.probe', input, 'whether this run has its log', [['ls', '-t', String(input['dir'])]]),
    },
  )
}

/** Appends one line to the audit chain. */
export function auditStep(
  decided: Decided,
  event: string,
  outcome: string,
  subject: string,
  detail: { [key: string]: Json },
): Step {
  const { operator, host } = decided
  const input = { event, outcome, subject, operator, host, detail }
  return step('audit', 'Audit', [call('audit.append', input, 'add a line to the audit log')], {
    ...book,
    detail: statePaths('').auditLog,
    gives: [],
    probe: call('audit.probe', input, 'whether the line is there', [['tail', statePaths('').auditLog]]),
  })
}

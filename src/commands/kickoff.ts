import { age } from '../core/age.ts'
import type { ListedBackup } from '../core/backup.ts'
import { EXIT, messageOf, wholeOrNot } from '../core/failure.ts'
import type { Facts } from '../core/facts.ts'
import { freshness } from '../core/freshness.ts'
import type { JsonRecord } from '../core/json.ts'
import { count } from '../core/next-actions.ts'
import type { Project } from '../core/project.ts'
import { releaseTagOn } from '../core/release.ts'
import { clean } from '../core/text.ts'
import { openSession } from '../records/session.ts'
import { copyText } from '../world/clipboard.ts'
import { makeBackup } from './backup.ts'
import type { RunCommand } from './command.ts'

/** A site backup is due once a day. */
const DAY = 86_400_000

/**
 * `knowngood kickoff`: opens a session, reads the newest deploy log, names the active prod tag, confirms a current
 * site backup (or makes one and names its file), and prints the kickoff message.
 */
export const run: RunCommand = async (context, _args, options) => {
  const project = await context.project()
  const before = await context.facts({ remote: true, live: true })
  if (context.dryRun)
    return {
      exit: EXIT.done,
      data: { dryRun: true },
      lines: [
        'Would open a session, and make a site backup unless a current one exists.',
        ...message(project, before, currentBackup(project, before)),
        'Nothing has changed.',
      ],
    }
  await wholeOrNot(() => openSession(project.root, { operator: context.operator, host: context.host }))
  let facts = before
  let made = false
  if (currentBackup(project, before) === null) {
    const report = await makeBackup(context, 'site', {}, { notes: 'kickoff' })
    if (report.exit !== EXIT.done) return report
    made = true
    facts = await context.facts({ remote: true, live: true })
  }
  const backup = currentBackup(project, facts)
  const lines = message(project, facts, backup)
  const uncopied = options['copy'] === true ? await copied(lines) : null
  const data: JsonRecord = {
    session: facts.session.ok ? facts.session.value : null,
    backupMade: made,
    backupId: backup?.id ?? null,
    path: backup?.path ?? null,
    message: lines.join('\n'),
    ...(options['copy'] === true ? { copied: uncopied === null } : {}),
  }
  if (uncopied !== null) context.say(`! The message is not in the clipboard: ${uncopied}`)
  return { exit: EXIT.done, data, lines }
}

/** Copies the message; why not, where there is no clipboard: the session is open all the same. */
async function copied(lines: readonly string[]): Promise<string | null> {
  return copyText(`${lines.join('\n')}\n`).then(
    () => null,
    (error: unknown) => messageOf(error),
  )
}

/** The newest site backup that is fresh: by the configured age, else of the last day. */
function currentBackup(project: Project, facts: Facts): ListedBackup | null {
  if (!facts.backups.ok) return null
  const { newest, stale } = freshness(
    facts.backups.value,
    'site',
    project.backups.site.freshMs ?? DAY,
    new Date(facts.at),
  )
  return stale ? null : newest
}

function message(project: Project, facts: Facts, backup: { path: string; at: string } | null): string[] {
  const now = new Date(facts.at)
  const current = facts.git.ok ? facts.git.value.current : null
  const tag = facts.git.ok ? releaseTagOn(facts.git.value, current) : undefined
  const log = facts.logs.ok ? facts.logs.value[0] : undefined
  const next = facts.git.ok ? facts.git.value.next : null
  const ahead = facts.git.ok ? facts.git.value.ahead : null
  return [
    `Kickoff ${clean(project.project)} / ${clean(project.environment)}, ${facts.at}, ${clean(facts.operator)}`,
    `  Active prod tag  ${tag ? `${tag.name} at ${tag.commit.slice(0, 7)}, ${age(tag.at, now)}` : current === null ? 'none yet' : `none on ${current.slice(0, 7)}`}`,
    `  Live BUILD_ID    ${facts.live.ok ? facts.live.value.buildId : `unknown: ${clean(facts.live.because)}`}`,
    `  Newest log       ${log ? `${log.file}${log.title === '' ? '' : `: ${clean(log.title)}`}` : 'none yet'}`,
    `  Site backup      ${backup ? `${backup.path}, ${age(backup.at, now)}` : 'none'}`,
    `  Next             ${next === null ? 'nothing to release' : `${next.oid.slice(0, 7)} ${clean(next.subject)}${ahead === null ? '' : ` (${count(ahead, 'commit')} ahead of live)`}`}`,
  ]
}

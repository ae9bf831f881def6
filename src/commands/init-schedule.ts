import { join } from 'node:path'
import { UserError } from '../core/failure.ts'
import { slug } from '../core/naming.ts'
import { statePaths } from '../core/paths.ts'
import type { Project } from '../core/project.ts'
import { ownProgram } from '../world/detached.ts'
import type { Report } from './command.ts'
import type { Context } from './context.ts'
import { howToStart } from './init-ci.ts'
import { type InitFile, writeInitFiles } from './init-file.ts'
import { cronTable, DUE_WORKFLOW, dueWorkflow, systemdUnits } from './schedules.ts'

/** `knowngood init --schedule cron|systemd|github`: what calls `due --run` once a day, and `check` after it. Installs nothing. */
export async function initSchedule(context: Context, by: string): Promise<Report> {
  const project = await context.project()
  if (by === 'github') return await github(context, project)
  const folder = join(statePaths(project.root).home, 'schedule')
  const name = `knowngood-${slug(project.project)}-${slug(project.environment)}`
  const path = process.env['PATH'] ?? ''
  const of = { root: project.root, program: ownProgram(), path, log: join(folder, 'due.log'), env: join(folder, 'env') }
  if (/[\r\n]/.test(project.root + path))
    throw new UserError('A line break in a path cannot be scheduled', project.root, ['Move the clone.'])
  const texts = by === 'cron' ? { [`${name}.cron`]: cronTable(of) } : systemdUnits(name, of)
  const files = Object.entries(texts).map(([file, text]): InitFile => ({ path: join(folder, file), text, mode: 0o644 }))
  const units = Object.keys(texts).map((file) => join(folder, file))
  const timers = units.filter((file) => file.endsWith('.timer')).map((file) => file.split('/').at(-1) ?? '')
  const install =
    by === 'cron'
      ? [`  { crontab -l; cat ${units[0] ?? ''}; } | crontab -`]
      : [`  systemctl --user link ${units.join(' ')}`, `  systemctl --user enable --now ${timers.join(' ')}`]
  return await writeInitFiles(context, project.root, files, [
    'Nothing is installed. To have it called every day:',
    ...install,
    `It has no variables of your shell: those it needs go into ${of.env}, NAME=value, readable by you alone.`,
  ])
}

async function github(context: Context, project: Project): Promise<Report> {
  const { knowngood, npm } = await howToStart(project.root)
  const text = dueWorkflow({ knowngood, npm, secrets: secretsOf(project) })
  const next = ['Next: commit it, and set its secrets in the repository.']
  if (project.mirrors.length === 0)
    next.push('No mirror is configured: what a runner backs up goes away with it. Name one under mirrors first.')
  return await writeInitFiles(context, project.root, [{ path: DUE_WORKFLOW, text, mode: 0o644 }], next)
}

/** Every variable that the configuration names; their values are the repository's secrets. */
function secretsOf({ sources, mirrors, records, notify, backups }: Project): string[] {
  const said = JSON.stringify([sources, mirrors, records, backups.data])
  const named = [...said.matchAll(/"\$([A-Za-z_]\w*)"/g)].flatMap(([, name]) => name ?? [])
  const told = notify === null ? [] : [notify.webhook, notify.secret].flatMap((name) => name?.replace(/^\$/, '') ?? [])
  return [...new Set([...named, ...told])].toSorted()
}

import type { ListedBackup } from '../core/backup.ts'
import { EXIT, UserError } from '../core/failure.ts'
import { namedBackup } from '../core/named-backup.ts'
import { compareRungs } from '../core/proof.ts'
import { type VerifyRequest, planVerify } from '../plans/verify.ts'
import { listBackups } from '../records/catalog.ts'
import { proofsOf } from '../records/proofs.ts'
import { type Report, type RunCommand, textOption } from './command.ts'
import type { Context } from './context.ts'
import { decide } from './decide.ts'
import { operate } from './operate.ts'

/** `knowngood verify [ID|--all]`: reads a backup again, opens it, puts it into a scratch place; each rung dated. */
export const run: RunCommand = async (context, [id], options) => {
  if ((id === undefined) !== (options['all'] === true))
    throw new UserError(
      'Verify what?',
      id === undefined ? 'no backup was named' : 'one backup and --all are two things',
      ['knowngood verify ID, or knowngood verify --all', 'knowngood backups lists them.'],
    )
  const project = await context.project()
  const facts = await context.facts({ remote: true, only: ['backups', 'runs', 'lock'] })
  if (id !== undefined && facts.backups.ok) namedBackup(facts.backups.value, id)
  const rung = (textOption(options, 'rung') ?? 'readable') as VerifyRequest['rung']
  const request = { ids: id === undefined ? ('all' as const) : [id], rung }
  const plan = planVerify(project, facts, request, await decide(context, project, 'verify'))
  const report = await operate(context, plan, options, (result) => {
    const verified = (result.gives['verdict']?.['verified'] ?? []) as string[]
    return { data: { backupId: id ?? null, rung, verified }, lines: [] }
  })
  if (context.dryRun || report.exit !== EXIT.done) return report
  const backups = await listBackups(project.root, project)
  return id === undefined
    ? allOf(report, backups)
    : await oneOf(
        context,
        report,
        rung,
        backups.find((one) => one.id === id),
      )
}

/** How far each has come: what no configured source opens stays where it was. */
function allOf(report: Report, backups: readonly ListedBackup[]): Report {
  const rungs = (['restored', 'readable', 'hashed', 'found'] as const).flatMap((rung) => {
    const count = backups.filter((one) => one.rung === rung).length
    return count === 0 ? [] : [`${count} ${rung}`]
  })
  return { ...report, lines: [`Verified all ${backups.length} backups: ${rungs.join(', ')}.`] }
}

async function oneOf(
  context: Context,
  report: Report,
  asked: VerifyRequest['rung'],
  backup: ListedBackup | undefined,
): Promise<Report> {
  if (backup === undefined) return report
  const { root } = await context.project()
  const proofs = (await proofsOf(root, backup.id)).slice(-20)
  const data = { ...report.data, rung: backup.rung, proofs }
  const line = `Verified: ${backup.id} is ${backup.rung}.`
  if (compareRungs(backup.rung, asked) >= 0) return { ...report, data, lines: [line, ...report.lines] }
  const lines = [line, `It does not get to ${asked}: some of it no configured source opens.`, ...report.lines]
  return { exit: EXIT.held, data, lines }
}

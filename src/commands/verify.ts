import { UserError } from '../core/failure.ts'
import { type VerifyRequest, planVerify } from '../plans/verify.ts'
import { proofsOf } from '../records/proofs.ts'
import { type RunCommand, textOption } from './command.ts'
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
  const rung = (textOption(options, 'rung') ?? 'readable') as VerifyRequest['rung']
  const request = { ids: id === undefined ? ('all' as const) : [id], rung }
  const plan = planVerify(project, facts, request, await decide(context, project, 'verify'))
  const report = await operate(context, plan, options, (result) => {
    const verified = (result.gives['verdict']?.['verified'] ?? []) as string[]
    const what = verified.length === 1 ? (verified[0] ?? '') : `all ${verified.length} backups`
    return { data: { backupId: id ?? null, rung, verified }, lines: [`Verified, ${rung}: ${what}.`] }
  })
  if (id === undefined || context.dryRun) return report
  const proofs = (await proofsOf(project.root, id)).slice(-20)
  return { ...report, data: { ...report.data, proofs } }
}

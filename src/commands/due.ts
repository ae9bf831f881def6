import type { BackupKind, Proof } from '../core/backup.ts'
import { type Due, dueNow } from '../core/due.ts'
import { EXIT, type ExitCode } from '../core/failure.ts'
import { valueOr } from '../core/known.ts'
import { clean } from '../core/text.ts'
import { kindChoices } from '../plans/kind-choices.ts'
import { planVerify } from '../plans/verify.ts'
import { readProofs } from '../records/proofs.ts'
import { table } from '../report/table.ts'
import { makeBackup } from './backup.ts'
import type { Options, Report, RunCommand } from './command.ts'
import type { Context } from './context.ts'
import { decide } from './decide.ts'
import { run as mirror } from './mirror.ts'
import { operate } from './operate.ts'

/** `knowngood due [--run]`: what is due now; with --run everything of it that needs nobody, one after the other. */
export const run: RunCommand = async (context, _args, options) => {
  const found = await look(context)
  if (options['run'] !== true || context.dryRun) {
    const lines = table(found.map(({ id, says }) => [id, clean(says)]))
    if (found.some(({ does }) => does !== null)) lines.push('knowngood due --run does what needs nobody.')
    return { exit: EXIT.done, data: { due: found }, lines: lines.length > 0 ? lines : ['Nothing is due.'] }
  }
  const done: { id: string; exit: ExitCode }[] = []
  const lines: string[] = []
  for (const one of found) {
    const report = await act(context, one, options)
    if (report === null) {
      lines.push(`${one.id}: ${clean(one.says)}`)
      continue
    }
    done.push({ id: one.id, exit: report.exit })
    lines.push(...report.lines)
  }
  const worst = done.reduce<ExitCode>((exit, one) => (one.exit > exit ? one.exit : exit), EXIT.done)
  return { exit: worst, data: { due: found, done }, lines: lines.length > 0 ? lines : ['Nothing is due.'] }
}

async function look(context: Context): Promise<Due[]> {
  const [project, facts] = await Promise.all([context.project(), context.facts({ remote: true, live: true })])
  const makes = new Set<BackupKind>(
    kindChoices(project, facts).flatMap(({ spec, off }) => (off === null ? [spec.kind] : [])),
  )
  const proofs = await readProofs(project.root)
  const hashed = valueOr(facts.backups, []).flatMap(({ id, digest }) => {
    const at = lastHashed(proofs.get(id) ?? [], digest)
    return at === null ? [] : [[id, at] as const]
  })
  return dueNow(project, facts, makes, new Map(hashed))
}

function lastHashed(proofs: readonly Proof[], digest: string): string | null {
  return proofs.findLast((proof) => proof.rung === 'hashed' && proof.passed && proof.digest === digest)?.at ?? null
}

async function act(context: Context, { does }: Due, options: Options): Promise<Report | null> {
  switch (does?.what) {
    case 'backup':
      return await makeBackup(context, does.kind, { notes: 'due' }, options)
    case 'mirror':
      return await mirror(context, ['push'], options)
    case 'rehash': {
      const [project, facts] = await Promise.all([
        context.project(),
        context.facts({ only: ['backups', 'runs', 'lock'] }),
      ])
      const plan = planVerify(
        project,
        facts,
        { ids: does.ids, rung: 'hashed' },
        await decide(context, project, 'verify'),
      )
      return await operate(context, plan, options, () => ({ data: {}, lines: [`Read again: ${does.ids.join(', ')}.`] }))
    }
    case undefined:
      return null
  }
}

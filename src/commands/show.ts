import { age, size } from '../core/age.ts'
import { EXIT, UserError } from '../core/failure.ts'
import { clean } from '../core/text.ts'
import { proofsOf } from '../records/proofs.ts'
import { table } from '../report/table.ts'
import { proofWord, seedShape } from './backups.ts'
import type { RunCommand } from './command.ts'

/** `knowngood show ID`: one backup's record, parts and every proof it was given. */
export const run: RunCommand = async (context, [id = '']) => {
  const project = await context.project()
  const facts = await context.facts({ only: ['backups'] })
  const listed = facts.backups.ok ? facts.backups.value : []
  const backup = listed.find((one) => one.id === id)
  if (!backup) {
    throw new UserError(`There is no backup ${clean(id)}`, `${listed.length} backups are listed`, [
      'knowngood backups lists them.',
    ])
  }
  const proofs = await proofsOf(project.root, backup.id)
  const lines = [
    ...table(
      [
        ['kind', backup.kind],
        ['made', `${backup.at}, ${age(backup.at, context.now())}${backup.operator ? ` by ${backup.operator}` : ''}`],
        ['commit', `${backup.commit ?? 'unknown'} ${backup.commitSubject ?? ''}`],
        ['schema', backup.schemaRevision ?? 'not recorded'],
        ['notes', backup.notes ?? ''],
        ['file', `${backup.path}, ${size(backup.bytes)}`],
        ['sha256', backup.digest],
        ['proof', proofWord(backup)],
      ],
      [],
      120,
    ),
    '',
    ...table(proofs.map((proof) => [proof.rung, proof.passed ? 'passed' : `failed: ${proof.because ?? ''}`, proof.at])),
  ]
  return { exit: EXIT.done, data: { backup: seedShape(backup), proofs }, lines }
}

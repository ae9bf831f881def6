import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { messageOf, UserError } from '../core/failure.ts'
import { mask } from '../world/secrets.ts'

/** Writes a bug's report to a private temporary folder and says where it is. Arguments and stack are masked. */
export async function reportCrash(error: unknown, argv: readonly string[]): Promise<UserError> {
  // With its causes: what was wrapped is what went wrong.
  const stack = inspect(error, { depth: 4 })
  const text = [
    `knowngood ${argv.join(' ')}`,
    `node ${process.version} ${process.platform} ${process.arch}`,
    new Date().toISOString(),
    '',
    stack,
    '',
  ].join('\n')
  let where = 'It could not be written down.'
  try {
    const folder = await mkdtemp(join(tmpdir(), 'knowngood-report-'))
    const path = join(folder, 'report.txt')
    await writeFile(path, mask(text), { mode: 0o600 })
    where = `The report is in ${path}.`
  } catch {
    // A full or read-only temporary folder must not hide the failure itself.
  }
  return new UserError('Knowngood stopped on a bug of its own', mask(messageOf(error)), [
    where,
    'knowngood status says what is live and whether a run was interrupted.',
  ])
}

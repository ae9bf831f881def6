import { planBackupQuick } from '../plans/backup-quick.ts'
import { mask } from '../world/secrets.ts'
import type { RunCommand } from './command.ts'
import { textOption } from './command.ts'
import { decide } from './decide.ts'
import { operate } from './operate.ts'

/** `knowngood backup quick`: keeps the live commit, here and on the remote. */
export const run: RunCommand = async (context, _args, options) => {
  const [project, facts] = await Promise.all([context.project(), context.facts({ remote: true, live: true })])
  const notes = textOption(options, 'notes')
  const plan = planBackupQuick(
    project,
    facts,
    { notes: notes === null ? null : mask(notes) },
    await decide(context, project, 'backup'),
  )
  return await operate(context, plan, options, (result) => {
    const made = result.gives['backup'] ?? {}
    return {
      data: {
        backupId: made['id'] ?? null,
        commitHash: made['commit'] ?? null,
        timestamp: made['at'] ?? null,
        type: 'quick',
        path: made['path'] ?? null,
        exportPath: null,
        sizeBytes: made['bytes'] ?? null,
      },
      lines: [`Quick backup created: ${String(made['id'])} keeps ${String(made['commit']).slice(0, 7)}.`],
    }
  })
}

import { size } from '../core/age.ts'
import type { BackupKind } from '../core/backup.ts'
import { UserError } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'
import { ASKED_KINDS } from '../core/kinds.ts'
import { damagedWords, type Rotten } from '../core/packed-words.ts'
import type { Project } from '../core/project.ts'
import { planBackup } from '../plans/backup.ts'
import type { BackupRequest } from '../plans/backup-request.ts'
import { mask } from '../world/secrets.ts'
import type { Options, RunCommand } from './command.ts'
import { textOption } from './command.ts'
import type { Context } from './context.ts'
import { decide } from './decide.ts'
import { operate } from './operate.ts'

/** `knowngood backup KIND`: makes one backup, then applies the kind's retention. */
export const run: RunCommand = async (context, [kind = ''], options) => {
  // The parser has refused any other word.
  const asked = ASKED_KINDS.find((one) => one === kind) ?? 'quick'
  refuseStray(asked, options)
  return await makeBackup(context, asked, {}, options)
}

/** Flags that only some kinds know. */
const FITS: readonly { option: string; flag: string; kinds: readonly BackupKind[] }[] = [
  { option: 'name', flag: '--name', kinds: ['set'] },
  { option: 'type', flag: '--type', kinds: ['release'] },
  { option: 'includeRedis', flag: '--include-redis', kinds: ['full', 'release', 'dump', 'set'] },
]

/** A flag that would be passed over in silence is refused. */
function refuseStray(kind: BackupKind, options: Options): void {
  const stray = FITS.find(({ option, kinds }) => options[option] !== undefined && !kinds.includes(kind))
  if (stray === undefined) return
  const { flag, kinds } = stray
  throw new UserError(`${flag} means nothing to a ${kind} backup`, `it is for ${kinds.join(', ')}`, [
    `Leave ${flag} out.`,
  ])
}

/** Makes a backup as a verb asks for it, and tells of it with the seeds' own fields. */
export async function makeBackup(
  context: Context,
  kind: BackupKind,
  more: Partial<BackupRequest>,
  options: Options,
  change: (project: Project) => Project = (project) => project,
): ReturnType<RunCommand> {
  const [loaded, facts] = await Promise.all([context.project(), context.facts({ remote: true, live: true })])
  const project = change(loaded)
  const notes = textOption(options, 'notes')
  const request = {
    kind,
    notes: notes === null ? null : mask(notes),
    name: textOption(options, 'name'),
    type: textOption(options, 'type') === 'patch' ? ('patch' as const) : ('release' as const),
    includeRedis: options['includeRedis'] === true,
    reuse: options['reuse'] !== false,
    ...more,
  }
  const plan = planBackup(project, facts, request, await decide(context, project, 'backup'))
  return await operate(context, plan, options, ({ gives }) => {
    const made = gives['backup.publish'] ?? gives['backup'] ?? {}
    const rotten = rottenIn(gives)
    const bytes = typeof made['bytes'] === 'number' ? made['bytes'] : null
    return {
      data: {
        backupId: made['id'] ?? null,
        commitHash: made['commit'] ?? null,
        timestamp: made['at'] ?? null,
        type: kind,
        path: made['path'] ?? null,
        exportPath: exportsOf(made)[0] ?? null,
        exports: exportsOf(made),
        sizeBytes: bytes,
        sha256: made['sha256'] ?? null,
        ...(gives['image'] === undefined ? {} : { dockerImage: plan.names['image'] ?? '' }),
        ...(rotten === null ? {} : { damaged: { backupId: rotten.id, files: [...rotten.files] } }),
      },
      lines: [
        says(kind, made, bytes),
        ...(kind === 'bundle' ? [`SHA-256 ${String(made['sha256'])}`] : []),
        ...(gives['image'] === undefined ? [] : [`Image ${plan.names['image'] ?? ''}`]),
        ...(rotten === null ? [] : [`! ${damagedWords(rotten)}; knowngood verify ${rotten.id} reads all of it`]),
      ],
    }
  })
}

function says(kind: BackupKind, made: JsonRecord, bytes: number | null): string {
  const id = String(made['id'])
  const name = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`
  if (kind === 'quick') return `${name} backup created: ${id} keeps ${String(made['commit']).slice(0, 7)}.`
  return `${name} backup created: ${id} (${size(bytes ?? 0)}), ${String(made['path'])}`
}

/** The backup that the new one was copied from, where it was found to be damaged. */
function rottenIn(gives: Record<string, JsonRecord>): Rotten | null {
  const { damaged } = gives['capture.site'] ?? {}
  return damaged === undefined ? null : (damaged as Rotten)
}

function exportsOf(made: JsonRecord): string[] {
  const list = made['exports']
  return Array.isArray(list) ? list.map(String) : []
}

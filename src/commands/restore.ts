import { stretch } from '../core/age.ts'
import { EXIT, UserError } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'
import { namedBackup } from '../core/named-backup.ts'
import { clean } from '../core/text.ts'
import { planRestore } from '../plans/restore.ts'
import { planRestoreBeside } from '../plans/restore-beside.ts'
import { type RestoreCandidate, restoreCandidates } from '../plans/restore-candidates.ts'
import { table } from '../report/table.ts'
import { type Options, type Report, type RunCommand, textOption, listOption } from './command.ts'
import type { Context } from './context.ts'
import { decide } from './decide.ts'
import { planWhenFree } from './held.ts'
import { operate } from './operate.ts'
import { besidePlaces, placeOf } from './restore-place.ts'
import { dataOf, forgetKept, reasonOf, swapBack } from './restore-earlier.ts'

/** `knowngood restore [ID]`: what can be put back; or putting it back, in place or beside, or swapping back what one replaced. */
export const run: RunCommand = async (context, [id], options) => {
  const undo = textOption(options, 'undo')
  const forget = textOption(options, 'forget')
  refuseMixed(id, undo ?? forget, options)
  if (undo !== null) return await swapBack(context, undo, options)
  if (forget !== null) return await forgetKept(context, forget, options)
  if (id === undefined) return await list(context)
  const project = await context.project()
  const only = listOption(options, 'only')
  const to = textOption(options, 'to')
  if (to !== null) return await beside(context, { id, only, to, file: textOption(options, 'file') }, options)
  const request = {
    id,
    only,
    flushRedis: options['flushRedis'] === true,
    acceptSchema: options['acceptSchema'] === true,
    reason: reasonOf(options),
  }
  const plan = await planWhenFree(context, async (facts) => {
    if (facts.backups.ok) namedBackup(facts.backups.value, id)
    return planRestore(project, facts, request, await decide(context, project, 'restore'))
  })
  return await operate(context, plan, options, (result) => ({
    data: { ...dataOf(plan, result), snapshot: result.gives['backup.publish']?.['id'] ?? null },
    lines: [
      `Restore complete: ${plan.names['sources']?.replaceAll(/=\S+/g, '').replaceAll(' ', ', ')} as of ${clean(id)}.`,
      `What was there before is kept; swap back: knowngood restore --undo ${result.run}`,
      `When nobody wants it back any more: knowngood restore --forget ${result.run}`,
    ],
  }))
}

type Beside = { id: string; only: string[]; to: string; file: string | null }

async function beside(context: Context, { id, only, to, file }: Beside, options: Options): Promise<Report> {
  const where = placeOf(context.cwd, to)
  const [project, facts] = await Promise.all([context.project(), context.facts({ remote: true, live: false })])
  if (facts.backups.ok) namedBackup(facts.backups.value, id)
  const plan = planRestoreBeside(
    project,
    facts,
    { id, only, file, ...where },
    await decide(context, project, 'restore'),
  )
  return await operate(context, plan, options, (result) => ({
    data: {
      ...dataOf(plan, result),
      restoredTo: plan.names['to'] ?? null,
      places: Object.fromEntries(besidePlaces(result)),
    },
    lines: [
      `Restored beside: ${file === null ? clean(id) : clean(file)} is in ${plan.names['to'] ?? ''}.`,
      ...besidePlaces(result).map(([name, place]) => `  ${name}: ${place}`),
    ],
  }))
}

function refuseMixed(id: string | undefined, earlier: string | null, options: Options): void {
  const given = ['to', 'file', 'only', 'flushRedis', 'acceptSchema'].filter((name) => options[name] !== undefined)
  const [of, both] = [
    options['undo'] === undefined ? '--forget' : '--undo',
    options['undo'] !== undefined && options['forget'] !== undefined,
  ]
  const wrong =
    earlier !== null && (both || id !== undefined || given.length > 0)
      ? `${of} takes a run and nothing else`
      : id === undefined && given.length > 0
        ? 'no backup was named'
        : options['file'] !== undefined && options['to'] === undefined
          ? '--file needs --to: a single file is never put back in place'
          : options['to'] !== undefined && (options['flushRedis'] === true || options['acceptSchema'] === true)
            ? 'beside the live data there is nothing to flush or to accept'
            : options['file'] !== undefined && (options['only'] !== undefined || String(options['to']).startsWith('$'))
              ? '--file is looked for in the whole backup, and goes into a folder'
              : null
  if (wrong !== null) throw new UserError('These do not go together', wrong, ['knowngood restore --help'])
}

async function list(context: Context): Promise<Report> {
  const [project, facts] = await Promise.all([context.project(), context.facts({ remote: false, live: false })])
  const candidates = restoreCandidates(project, facts)
  const lines = table(candidates.map(row))
  const data = { candidates: candidates as unknown as readonly JsonRecord[] }
  return { exit: EXIT.done, data, lines: lines.length > 0 ? lines : ['There is nothing to restore yet.'] }
}

function row(one: RestoreCandidate): string[] {
  return [
    one.id,
    one.kind,
    one.at.slice(0, 16).replace('T', ' '),
    one.offered ? one.sources.join(', ') : 'not offered',
    one.offered ? `loses ${stretch(one.lostMs)}` : (one.because ?? ''),
    one.offered ? `schema ${one.schema.verdict}` : '',
    one.rung,
    one.subject,
  ]
}

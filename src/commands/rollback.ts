import { stretch } from '../core/age.ts'
import { EXIT, UserError } from '../core/failure.ts'
import type { Facts, RollbackCandidate } from '../core/facts.ts'
import type { JsonRecord } from '../core/json.ts'
import type { Project } from '../core/project.ts'
import { provenWords } from '../core/release.ts'
import { rollbackCandidates } from '../core/rollback-candidates.ts'
import { clean } from '../core/text.ts'
import { planRollback } from '../plans/rollback.ts'
import { table } from '../report/table.ts'
import { mask } from '../world/secrets.ts'
import { type Report, type RunCommand, textOption } from './command.ts'
import { decide } from './decide.ts'
import { planWhenFree } from './held.ts'
import { operate } from './operate.ts'

/** `knowngood rollback [ID|TAG]`: what we can go back to; or going back, with a backup first and proof last. */
export const run: RunCommand = async (context, [to], options) => {
  const project = await context.project()
  if (to === undefined) return list(project, await context.facts({ remote: true, live: true }))
  const by = options['by'] === 'reset' ? 'reset' : options['by'] === 'revert' ? 'revert' : project.rollback.by
  const request = {
    to,
    by,
    acceptSchema: options['acceptSchema'] === true,
    withData: options['withData'] === true,
    reason: kept(textOption(options, 'reason')),
  } as const
  let type: RollbackCandidate['kind'] = 'tag'
  const plan = await planWhenFree(context, async (facts) => {
    type = known(rollbackCandidates(project, facts), to).kind
    return planRollback(project, facts, request, await decide(context, project, 'rollback'))
  })
  return await operate(context, plan, options, (result) => {
    const own = result.gives['backup.publish'] ?? result.gives['backup'] ?? {}
    // A revert's BUILD_ID is its new commit's, known only once that is made.
    const buildId = plan.names['buildId'] ?? result.gives['verify']?.['buildId'] ?? null
    return {
      data: {
        restoredTo: to,
        type,
        commitHash: result.gives['certify']?.['commit'] ?? null,
        buildId,
        timestamp: own['at'] ?? null,
        backupId: own['id'] ?? null,
      },
      lines: [
        `Rollback complete: production restored to ${clean(to)}, ${provenWords(project.verify.checks, String(buildId))}.`,
      ],
    }
  })
}

/** As it may be written down. */
function kept(reason: string | null): string | null {
  return reason === null ? null : mask(reason)
}

function list(project: Project, facts: Facts): Report {
  const candidates = rollbackCandidates(project, facts)
  const lines = table(candidates.map(row))
  const data = { candidates: candidates as unknown as readonly JsonRecord[] }
  return { exit: EXIT.done, data, lines: lines.length > 0 ? lines : ['There is nothing to go back to yet.'] }
}

function row(one: RollbackCandidate): string[] {
  const undoes = one.undoes.length === 1 ? '1 release' : `${one.undoes.length} releases`
  const ran = one.ranMs === null ? '' : `ran ${stretch(one.ranMs)}`
  return [
    one.id,
    one.at.slice(0, 16).replace('T', ' '),
    ran,
    one.offered ? `undoes ${undoes}` : 'not offered',
    one.offered ? schemaWord(one) : (one.because ?? ''),
    one.failed === undefined ? one.subject : `! its release ${one.failed}: ${one.subject}`,
  ]
}

/** A backup with the data of that time brings the revision its code was made for. */
function schemaWord({ schema, data }: RollbackCandidate): string {
  if (schema.verdict === 'same' || data === undefined) return `schema ${schema.verdict}`
  return 'needs restore (--with-data)'
}

function known(candidates: readonly RollbackCandidate[], to: string): RollbackCandidate {
  const found = candidates.find((one) => one.id === to)
  if (found) return found
  throw new UserError(`There is nothing called ${clean(to)} to go back to`, 'it is neither a prod tag nor a backup', [
    'knowngood rollback lists what there is.',
  ])
}

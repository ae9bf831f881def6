import { commitLive } from '../core/commit-live.ts'
import type { Facts, RollbackCandidate } from '../core/facts.ts'
import { valueOr } from '../core/known.ts'
import type { Ref } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { schemaNow } from '../core/schema-revision.ts'
import type { Decided } from './decided.ts'
import { currentTag } from './release-facts.ts'

/** What a rollback is called when it is written down. */
export type Said = {
  candidate: RollbackCandidate | undefined
  commit: string | Ref
  buildId: string | Ref | null
  to: string
  /** The backup it makes of itself first. */
  made: string
  /** Where it stands under an address of its own, when a target gives one. */
  url?: Ref | null
}

/** What `log.write` is told of a rollback: its log, and under what subject. */
export function logInput(project: Project, facts: Facts, decided: Decided, said: Said) {
  const { candidate, commit, buildId, to, made } = said
  const url = project.verify.checks.find((check) => check.kind === 'url')?.url ?? null
  const undone = candidate?.undoes ?? []
  const notes = [
    `Back to ${to} (${candidate?.commit ?? 'unknown'}).`,
    ...(undone.length > 0 ? [`Undoes ${undone.join(', ')}.`] : []),
  ]
  const log = {
    title: `${project.project} / ${project.environment}: rollback to ${to}`,
    at: decided.now,
    outcome: 'rollback',
    operator: decided.operator,
    host: decided.host,
    run: decided.run,
    commit,
    commitSubject: candidate?.subject ?? null,
    tag: candidate?.kind === 'tag' ? candidate.id : null,
    buildId,
    version: valueOr(facts.releases, []).find((row) => row.tag === to)?.version ?? null,
    type: typeOf(facts, to),
    backup: commitLive(facts) === null ? null : made,
    artefact: null,
    rollbackTarget: currentTag(facts),
    reason: { $: 'run.reason' },
    deployUrl: said.url ?? url,
    notes,
  }
  return { dir: project.logs.dir, subject: `rollback-to-${to}`, log, startedAt: { $: 'run.startedAt' }, gate: null }
}

/** The row of a rollback, `outcome: rollback`: the type of what it went back to. */
export function recordOf(facts: Facts, decided: Decided, of: Said) {
  const { candidate, commit, buildId, to, made } = of
  const version = valueOr(facts.releases, []).find((row) => row.tag === to)?.version ?? null
  return {
    version,
    deploymentType: typeOf(facts, to),
    backupPath: made,
    schemaRevision: schemaNow(facts.sources) ?? null,
    recordedAt: decided.now,
    tag: candidate?.kind === 'tag' ? candidate.id : null,
    commitSha: commit,
    buildId,
    operator: decided.operator,
    outcome: 'rollback',
    run: decided.run,
  }
}

/** The type the release had when it was certified. */
function typeOf(facts: Facts, to: string): string {
  return valueOr(facts.releases, []).find((row) => row.tag === to)?.deploymentType ?? 'release'
}

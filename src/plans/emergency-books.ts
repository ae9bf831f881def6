import type { ListedBackup } from '../core/backup.ts'
import type { Facts } from '../core/facts.ts'
import { valueOr } from '../core/known.ts'
import type { Step } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { failedLogStep, logSteps, recordStep } from './certify-parts.ts'
import type { CodeBack } from './code-back.ts'
import type { Decided } from './decided.ts'
import { snapshotName } from './emergency-parts.ts'
import { currentTag } from './release-facts.ts'

type Of = { baseline: ListedBackup; code: CodeBack | null; reason: string | null }

/** How an emergency is written down: a log of its own, and a release record where code went back. */
export function emergencyBooks(
  project: Project,
  facts: Facts,
  decided: Decided,
  of: Of,
): { steps: Step[]; always: Step[] } {
  const { baseline, code } = of
  const backup = `${project.backups.set.dir}/${snapshotName(decided)}`
  const row = valueOr(facts.releases, []).find((one) => one.commitSha === baseline.commit)
  const log = {
    title: `${project.project} / ${project.environment}: emergency restore from ${baseline.id}`,
    at: decided.now,
    outcome: 'emergency',
    operator: decided.operator,
    host: decided.host,
    run: decided.run,
    commit: code?.commit ?? baseline.commit,
    commitSubject: baseline.commitSubject,
    tag: null,
    buildId: code?.buildId ?? null,
    version: row?.version ?? null,
    type: row?.deploymentType ?? 'release',
    backup,
    artefact: null,
    rollbackTarget: currentTag(facts),
    reason: { $: 'run.reason' },
    deployUrl: project.verify.checks.find((check) => check.kind === 'url')?.url ?? null,
    notes: [
      `Baseline ${baseline.id}, ${baseline.at}, sha256 ${baseline.digest}.`,
      `What stood there before: ${backup}.`,
    ],
  }
  const input = {
    dir: project.logs.dir,
    subject: `emergency-${baseline.id}`,
    log,
    startedAt: { $: 'run.startedAt' },
    gate: null,
  }
  const record =
    code === null
      ? []
      : [
          recordStep(project, {
            version: row?.version ?? null,
            deploymentType: row?.deploymentType ?? 'release',
            backupPath: backup,
            schemaRevision: baseline.schemaRevision,
            recordedAt: decided.now,
            tag: null,
            commitSha: code.commit,
            buildId: code.buildId,
            operator: decided.operator,
            outcome: 'emergency',
            run: decided.run,
          }),
        ]
  const failed = { ...input, log: { ...log, commit: baseline.commit, buildId: null } }
  return { steps: [...record, ...logSteps(project, input)], always: [failedLogStep(failed)] }
}

import type { Facts } from '../core/facts.ts'
import type { Json } from '../core/json.ts'
import type { Ref, Step } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { schemaNow } from '../core/schema-revision.ts'
import { auditStep, certifyStep, logSteps, publishStep, recordStep, tagStep } from './certify-parts.ts'
import type { Decided } from './decided.ts'
import { gateRules, remoteOf, subjectOf } from './parts.ts'
import { archivePath, currentTag } from './release-facts.ts'

export type Release = {
  commit: string
  buildId: string
  type: 'release' | 'patch'
  tag: string
  backup: string | null
  staged: string
  /** Where it stands under an address of its own, when a target gives one. */
  url?: Ref | null
}

/** Tag, current branch and everything that is written down of a certified release. */
export function certifySteps(project: Project, facts: Facts, decided: Decided, release: Release): Step[] {
  const remote = remoteOf(facts)
  const { commit, buildId, type, tag, backup, staged } = release
  const schema = schemaNow(facts.sources) ?? null
  const from = facts.git.ok ? facts.git.value.current : null
  const subject = subjectOf(facts, commit)
  const { operator, run } = decided
  // The teams' own rows name the snapshot taken before; where that holds no data, the artefact says more.
  const backupPath = backup === null || project.deploy.backup === 'quick' ? archivePath(project, tag) : backup
  const row = {
    version: decided.version,
    deploymentType: type,
    backupPath,
    schemaRevision: schema,
    recordedAt: decided.now,
    tag,
    commitSha: commit,
    buildId,
    operator,
    outcome: 'certified',
    run,
  }
  return [
    tagStep(decided, tag, commit, {
      Run: run,
      Version: decided.version,
      Type: type,
      BUILD_ID: buildId,
      Backup: backup,
    }),
    certifyStep(project, decided, { remote, tag, commit, from }),
    publishStep(project, decided, { staged, tag, commit, subject, schema }),
    recordStep(project, row),
    ...logSteps(project, deployLog(project, facts, decided, release, 'certified', `${tag}-certified`)),
    auditStep(decided, 'release', 'certified', tag, { tag, commit, buildId }),
  ]
}

/** What the log of this release says, as far as it is known beforehand. */
export function deployLog(
  project: Project,
  facts: Facts,
  decided: Decided,
  release: Release,
  outcome: string,
  subject: string,
): { [key: string]: Json } {
  const { commit, buildId, type, backup } = release
  const certified = outcome === 'certified'
  const url = project.verify.checks.find((check) => check.kind === 'url')?.url ?? null
  const log = {
    title: `${project.project} / ${project.environment}: ${certified ? release.tag : commit.slice(0, 7)} ${outcome}`,
    at: decided.now,
    outcome,
    operator: decided.operator,
    host: decided.host,
    run: decided.run,
    commit,
    commitSubject: subjectOf(facts, commit),
    tag: certified ? release.tag : null,
    buildId,
    version: decided.version,
    type,
    backup,
    artefact: certified ? archivePath(project, release.tag) : release.staged,
    rollbackTarget: currentTag(facts),
    reason: null,
    deployUrl: release.url ?? url,
    notes: [] as string[],
  }
  return {
    dir: project.logs.dir,
    subject,
    log,
    startedAt: { $: 'run.startedAt' },
    gate: { commit, rules: gateRules(project) },
  }
}

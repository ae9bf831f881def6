import type { PublishInput } from '../core/backup-input.ts'
import { PROJECT_FILE, projectText } from '../core/baseline.ts'
import { commitLive } from '../core/commit-live.ts'
import type { BackupKind } from '../core/backup.ts'
import type { Facts } from '../core/facts.ts'
import type { Json, JsonRecord } from '../core/json.ts'
import type { Step } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { joinRevisions, revisionsOf } from '../core/schema-revision.ts'
import type { Making } from './backup-captures.ts'
import { driveOf } from './backup-request.ts'
import type { Decided } from './decided.ts'
import { imageOf } from './bundle-image.ts'
import { remoteOf, subjectOf } from './parts.ts'

/** Kinds whose commit is held by a reference here and on the remote. */
const HOLDS_COMMIT: readonly BackupKind[] = ['full', 'release', 'set', 'baseline']

/** Everything the last step writes down; what the captures give is filled in when it runs. */
export function publishInput(
  project: Project,
  facts: Facts,
  decided: Decided,
  { request, name, stage, sources }: Making,
  captures: readonly Step[],
): PublishInput & JsonRecord {
  const { kind, notes = null, session } = request
  const live = commitLive(facts)
  const commit = kind === 'bundle' ? (request.commit ?? nextOf(facts)) : (live?.commit ?? null)
  const { operator, host, now: at, run } = decided
  const schemas = revisionsOf(facts.sources)
  const version = request.version ?? decided.version
  const captured = captures.map(({ id }): Json => {
    const given = (what: string): Json => ({ $: `${id}.${what}` })
    return {
      source: id.replace(/^capture\./, ''),
      parts: given('parts'),
      leftOut: given('leftOut'),
      doubts: given('doubts'),
    }
  })
  return {
    name,
    stage,
    draft: {
      kind,
      at,
      run,
      operator,
      commit,
      commitSubject: commit === null ? null : subjectOf(facts, commit),
      branch: project.git.branch,
      notes,
      commitFrom: live?.from ?? 'branch',
      schemas,
    },
    // References until the captures have run; the runner puts what they gave in their place.
    captured: captured as unknown as PublishInput['captured'],
    sources: sources.map(({ name: source, use, options }) => ({ name: source, use, options: options as JsonRecord })),
    texts:
      kind === 'release'
        ? releaseTexts(schemas, version, request.type ?? 'release')
        : kind === 'baseline'
          ? { [PROJECT_FILE]: projectText(project) }
          : {},
    of: { project: project.project, environment: project.environment },
    remote: remoteOf(facts),
    holdsCommit: HOLDS_COMMIT.includes(kind),
    session: session ? { operator, host } : null,
    bundle:
      kind === 'bundle'
        ? { name: project.backups.bundle.name, version: version ?? '0', image: imageOf(request, name) }
        : null,
    drive: driveOf(project, kind),
  }
}

function nextOf(facts: Facts): string | null {
  return facts.git.ok ? (facts.git.value.next?.oid ?? null) : null
}

/** What a release's folder says of itself, in the files the teams' own scripts read. */
function releaseTexts(schemas: Record<string, string>, version: string | null, type: string): Record<string, string> {
  const migrations = { schemaRevision: joinRevisions(schemas), sources: schemas }
  return {
    'VERSION.txt': `${version ?? 'unknown'}\n`,
    'DEPLOYMENT_TYPE.txt': `${type}\n`,
    'migrations.json': `${JSON.stringify(migrations, null, 2)}\n`,
  }
}

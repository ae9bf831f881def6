import type { DrillOptions, Project, VerifyCheck } from '../core/project.ts'
import { backupsOf, mirrorsOf, plainBackups } from './fill-backups.ts'
import type { Config } from './schema.ts'

/** What the repository itself says, for what the file leaves open. */
export type Given = {
  root: string
  file: string | null
  project: string
  remote: string
  branch: string
  hasRemote: boolean
  versionFile: string | null
}

/** The project of a repository without a configuration file. Kept equal to the schema's own defaults by a test. */
export function plainProject(given: Given): Project {
  return {
    root: given.root,
    file: null,
    project: given.project,
    environment: 'production',
    git: { remote: given.remote, branch: given.branch, current: 'prod-current', tag: 'prod-{date}' },
    version: { file: given.versionFile },
    build: { id: '{sha}', run: [], stamp: [], artefact: [] },
    sources: {},
    backups: plainBackups(given.project),
    disk: { free: 1e9, folder: 500e6, volume: 80 },
    services: [],
    mirrors: [],
    drills: {
      log: 'drills',
      spot: { everyMs: 30 * 86_400_000, smoke: [], files: [], confirmations: [] },
      full: { everyMs: 90 * 86_400_000, smoke: [], files: [], confirmations: [] },
    },
    emergency: { baseline: 'latest', redis: 'flush', smoke: [] },
    gate: {
      validMs: 12 * 3_600_000,
      approvers: [],
      require: { withinMs: 3_600_000, thisSession: true, late: 'warn', kind: 'any', proof: 'hashed' },
      checks: [],
      confirmations: [],
    },
    deploy: {
      backup: 'quick',
      migrate: [],
      targets: given.hasRemote ? [{ use: 'git-push' }] : [],
      onFailedVerify: 'ask',
    },
    verify: { timeoutMs: 300_000, reads: 3, checks: [] },
    rollback: { by: 'revert' },
    records: { url: 'sqlite:.knowngood/releases.db' },
    evidence: { dir: 'evidence' },
    logs: { dir: 'deploy_logs' },
    github: { repository: null, api: null, token: null },
    notify: null,
    hooks: { on: { success: [], failure: [], stale: [] }, timeoutMs: 30_000 },
  }
}

/** A checked file laid over what the repository says. */
export function projectOf(config: Config, given: Given): Project {
  const plain = plainProject(given)
  const { gate, deploy, verify } = config
  return {
    ...plain,
    file: given.file,
    project: config.project ?? given.project,
    environment: config.environment ?? plain.environment,
    git: { ...config.git, remote: config.git.remote ?? given.remote, branch: config.git.branch ?? given.branch },
    version: { file: config.version.file === undefined ? given.versionFile : config.version.file },
    build: config.build,
    sources: config.sources,
    backups: backupsOf(config, plain.backups),
    disk: config.disk,
    mirrors: mirrorsOf(config),
    drills: { log: config.drills.log, spot: drillOf(config.drills.spot), full: drillOf(config.drills.full) },
    emergency: config.emergency,
    services: config.services.map((service) => ({ ...service, status: service.status ?? null })),
    gate: {
      validMs: gate.valid,
      approvers: gate.approvers,
      require: {
        withinMs: gate.require.backup.within,
        thisSession: gate.require.backup.this_session,
        late: gate.require.backup.late,
        kind: gate.require.backup.kind,
        proof: gate.require.backup.proof,
      },
      checks: gate.checks.map(({ id, title, run, timeout }) => ({ id, title: title ?? id, run, timeoutMs: timeout })),
      confirmations: gate.confirmations.map((item) => ({ ...item, title: item.title ?? item.id, why: item.why ?? '' })),
    },
    deploy: {
      backup: deploy.backup,
      migrate: deploy.migrate,
      targets: deploy.targets ?? plain.deploy.targets,
      onFailedVerify: deploy.on_failed_verify,
    },
    verify: { timeoutMs: verify.timeout, reads: verify.reads, checks: verify.checks.map(verifyCheck) },
    rollback: config.rollback,
    records: config.records,
    evidence: config.evidence,
    logs: config.logs,
    github: githubOf(config),
    notify: notifyOf(config),
    hooks: hooksOf(config),
  }
}

function drillOf({ every, smoke, files, confirmations }: Config['drills']['spot']): DrillOptions {
  const asked = confirmations.map(({ id, title, look }) => ({ id, title: title ?? id, look }))
  return { everyMs: every, smoke, files, confirmations: asked }
}

function githubOf({ github }: Config): Project['github'] {
  const { repository = null, api = null, token = null } = github
  return { repository, api, token }
}

function notifyOf({ notify }: Config): Project['notify'] {
  if (notify === undefined) return null
  return { webhook: notify.webhook, secret: notify.secret ?? null, on: notify.on, timeoutMs: notify.timeout }
}

function hooksOf({ hooks }: Config): Project['hooks'] {
  return {
    on: { success: hooks.on_success, failure: hooks.on_failure, stale: hooks.on_stale },
    timeoutMs: hooks.timeout,
  }
}

function verifyCheck(check: Config['verify']['checks'][number]): VerifyCheck {
  if (check.run !== undefined) return { kind: 'run', run: check.run, timeoutMs: check.timeout ?? 120_000 }
  const { url = '', contains = null, status = 200 } = check
  return { kind: 'url', url, contains, status, timeoutMs: check.timeout ?? 10_000 }
}

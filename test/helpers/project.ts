import { plainBackups } from '../../src/config/fill-backups.ts'
import type { Project } from '../../src/core/project.ts'

/** A project as an empty `knowngood.yaml` gives it, with these parts changed. */
export function projectAt(root: string, change: Partial<Project> = {}): Project {
  return {
    root,
    file: null,
    project: 'mosaic',
    environment: 'production',
    git: { remote: 'origin', branch: 'main', current: 'prod-current', tag: 'prod-{date}' },
    version: { file: null },
    build: { id: '{sha}', run: [], stamp: [], artefact: [] },
    sources: {},
    backups: plainBackups('mosaic'),
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
      validMs: 43_200_000,
      approvers: [],
      require: { withinMs: 3_600_000, thisSession: true, late: 'warn', kind: 'any', proof: 'hashed' },
      checks: [],
      confirmations: [],
    },
    deploy: { backup: 'quick', migrate: [], targets: [{ use: 'git-push' }], onFailedVerify: 'ask' },
    verify: { timeoutMs: 5000, reads: 3, checks: [] },
    rollback: { by: 'revert' },
    records: { url: 'sqlite:.knowngood/releases.db' },
    evidence: { dir: 'evidence' },
    logs: { dir: 'deploy_logs' },
    github: { repository: null, api: null, token: null },
    notify: null,
    hooks: { on: { success: [], failure: [], stale: [] }, timeoutMs: 30_000 },
    ...change,
  }
}

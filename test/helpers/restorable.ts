import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { calls } from '../../src/calls/registry.ts'
import { loadProject } from '../../src/config/load.ts'
import type { BackupKind, Proof } from '../../src/core/backup.ts'
import type { Facts } from '../../src/core/facts.ts'
import type { Plan } from '../../src/core/plan.ts'
import type { Project } from '../../src/core/project.ts'
import { observe } from '../../src/facts/observe.ts'
import { planBackup } from '../../src/plans/backup.ts'
import { planEmergency } from '../../src/plans/emergency.ts'
import { planRestore } from '../../src/plans/restore.ts'
import type { RestoreRequest } from '../../src/plans/restore-request.ts'
import { planVerify } from '../../src/plans/verify.ts'
import type { VerifyRequest } from '../../src/plans/verify.ts'
import { executePlan } from '../../src/run/execute.ts'
import type { RunResult } from '../../src/run/execute.ts'
import { decidedNow } from './decided.ts'
import { built } from './built.ts'
import { repository } from './repository.ts'
import type { Repository } from './repository.ts'

/** A repository whose production is a SQLite database and a folder of uploads, with a service that writes down what was asked of it. */
export type Restorable = {
  root: string
  repo: Repository
  project(): Promise<Project>
  facts(): Promise<Facts>
  /** Makes one and gives its id. */
  backup(kind: BackupKind, more?: { name?: string }): Promise<string>
  restore(id: string, more?: Partial<RestoreRequest>): Promise<Plan>
  emergency(): Promise<Plan>
  verify(id: string, rung?: VerifyRequest['rung']): Promise<RunResult>
  /** `onStep` is awaited for nothing: it acts while the step does. */
  execute(plan: Plan, onStep?: (step: string) => void): Promise<RunResult>
  proofs(): Proof[]
  /** Names in the users table, and what the uploads hold. */
  users(): string[]
  upload(): string
  change(): void
  /** What the service was asked, in order. */
  asked(): string[]
  sql(...statements: string[]): void
  kg(...args: string[]): Promise<{ exit: number; out: string; err: string; json: Record<string, unknown> }>
}

const SERVICE = `#!/bin/sh
echo "$1" >> service.log
case "$1" in
  stop) rm -f service.up ;;
  start) [ -e service.broken ] && exit 1; touch service.up ;;
  status) [ -e service.up ] ;;
esac
`

function configOf({ sources, set, data, config }: Required<More>): string {
  return `project: mosaic
environment: production
sources:
  database: { use: sqlite, path: data/app.db }
  uploads: { use: files, paths: [uploads] }
${sources}disk: { free: 1MB }
backups:
  set: { sources: [${set.join(', ')}] }
  ${data}
services:
  - { stop: ["./service", "stop"], start: ["./service", "start"], status: ["./service", "status"] }
${config}`
}

export type More = { sources?: string; set?: string[]; data?: string; config?: string }

export async function restorable({
  sources = '',
  set = ['database', 'uploads', 'git'],
  data = '',
  config = '',
}: More = {}): Promise<Restorable> {
  const repo = repository()
  const { root } = repo
  const ignored = 'data/\nuploads/\nbackups/\n.knowngood/\nservice.*\n.verification_audit.log\nimmaculate/\nreleases/\n'
  repo.commit('A production', { 'knowngood.yaml': configOf({ sources, set, data, config }), '.gitignore': ignored })
  repo.sh('push', '--quiet', 'origin', 'main', 'main:refs/heads/prod-current')
  repo.sh('fetch', '--quiet')
  writeFileSync(join(root, 'service'), SERVICE, { mode: 0o755 })
  repo.commit('A service', {})
  repo.sh('push', '--quiet', 'origin', 'main', 'main:refs/heads/prod-current')
  for (const folder of ['data', 'uploads/deep']) mkdirSync(join(root, folder), { recursive: true })
  writeFileSync(join(root, 'uploads/deep/photo.txt'), 'first')
  writeFileSync(join(root, 'service.up'), '')
  sqlIn(root)(
    'PRAGMA journal_mode = WAL',
    'CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)',
    "INSERT INTO users VALUES (1, 'ana'), (2, 'ben')",
    'CREATE TABLE schema_migrations (version TEXT)',
    "INSERT INTO schema_migrations VALUES ('0001_users')",
  )
  return { ...siteAt(root), repo }
}

/** The same production where it stands now, copied or mounted elsewhere. */
export function siteAt(root: string): Omit<Restorable, 'repo'> {
  const sql = sqlIn(root)
  const project = () => loadProject(root)
  const facts = async () => observe(await project(), { remote: true, live: false, operator: 'ana' })
  const execute: Restorable['execute'] = (plan, onStep) =>
    executePlan({
      root,
      plan,
      answers: { reason: 'a test' },
      calls,
      by: 'ana',
      sink: (event) => {
        if (event.t === 'state' && event.state === 'running') onStep?.(event.step)
      },
    })
  return {
    root,
    project,
    facts,
    execute,
    sql,
    async backup(kind, request = {}) {
      const plan = planBackup(await project(), await facts(), { kind, ...request }, decidedNow('backup'))
      const made = await execute(plan)
      if (made.exit !== 0) throw new Error(made.error ?? plan.holds.map((hold) => hold.why).join())
      return String((made.gives['backup.publish'] ?? made.gives['backup'])?.['id'])
    },
    async restore(id, request = {}) {
      const whole = { id, only: [], flushRedis: false, acceptSchema: false, reason: 'a test', ...request }
      return planRestore(await project(), await facts(), whole, decidedNow('restore'))
    },
    async emergency() {
      const request = { baseline: null, only: [], keepData: false, reason: 'a test' }
      return planEmergency(await project(), await facts(), request, decidedNow('emergency'))
    },
    async verify(id, rung = 'readable') {
      const plan = planVerify(await project(), await facts(), { ids: [id], rung }, decidedNow('verify'))
      if (plan.holds.length > 0) throw new Error(plan.holds.map((hold) => hold.why).join())
      return execute(plan)
    },
    proofs: () =>
      readFileSync(join(root, 'backups/proofs.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Proof),
    users() {
      const database = new DatabaseSync(join(root, 'data/app.db'), { readOnly: true })
      const rows = database.prepare('SELECT name FROM users ORDER BY id').all()
      database.close()
      return rows.map((row) => String(row['name']))
    },
    upload: () => readFileSync(join(root, 'uploads/deep/photo.txt'), 'utf8'),
    change() {
      sql("INSERT INTO users VALUES (3, 'eve')", 'CREATE TABLE newer (id)')
      writeFileSync(join(root, 'uploads/deep/photo.txt'), 'second')
    },
    asked: () => {
      const log = join(root, 'service.log')
      return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []
    },
    kg: (...args) =>
      new Promise((resolve) => {
        const [program = '', ...words] = built(...args)
        const env = { ...process.env, KNOWNGOOD_OPERATOR: 'ana' }
        const child = execFile(program, words, { cwd: root, env }, (_, out, err) =>
          resolve({ exit: child.exitCode ?? -1, out, err, json: args.includes('--json') ? JSON.parse(out) : {} }),
        )
      }),
  }
}

function sqlIn(root: string): (...statements: string[]) => void {
  return (...statements) => {
    const database = new DatabaseSync(join(root, 'data/app.db'), { timeout: 2_000 })
    for (const statement of statements) database.exec(statement)
    database.close()
  }
}

/** What has no business in a production that is at rest: temporaries of any run. What a swap kept is named by its run, too. */
export function leftovers(root: string): string[] {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' })
  return names.filter((name) => /\.knowngood-|\.partial|plain-|scratch\//.test(name) && !name.startsWith('.git/'))
}

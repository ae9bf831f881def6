import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { calls } from '../../src/calls/registry.ts'
import type { Plan } from '../../src/core/plan.ts'
import type { Project } from '../../src/core/project.ts'
import { observe } from '../../src/facts/observe.ts'
import type { BackupRequest } from '../../src/plans/backup-request.ts'
import { planBackup } from '../../src/plans/backup.ts'
import { listBackups } from '../../src/records/catalog.ts'
import { executePlan } from '../../src/run/execute.ts'
import { decidedNow } from './decided.ts'
import { fingerprint } from './operator.ts'
import { projectAt } from './project.ts'
import { repository } from './repository.ts'

const fixture = join(import.meta.dirname, '..', 'fixtures', 'killed-run.ts')

/** A small repository with a remote and an SQLite database of some rows, and everything a test does with its backups. */
export function backingUp(change: Partial<Project> = {}, rows = 50) {
  const repo = repository()
  const { root } = repo
  mkdirSync(join(root, '.knowngood'))
  const database = new DatabaseSync(join(root, 'app.db'))
  database.exec('CREATE TABLE users (id INTEGER PRIMARY KEY, name BLOB)')
  const insert = database.prepare('INSERT INTO users (name) VALUES (?)')
  database.exec('BEGIN')
  for (let index = 0; index < rows; index += 1) insert.run(randomBytes(240))
  database.exec('COMMIT')
  database.close()
  const project = projectAt(root, { sources: { database: { use: 'sqlite', path: 'app.db' } }, ...change })
  // What is in the way of a test is only what it puts there itself.
  const roomy = { ...project, disk: { ...project.disk, free: 1 } }
  const facts = () => observe(roomy, { remote: true, live: false, operator: 'ana' })
  const plan = async (request: Omit<BackupRequest, 'session'>, at = new Date()) =>
    planBackup(roomy, await facts(), request, decidedNow('backup', at))
  const execute = (made: Plan) => executePlan({ root, plan: made, answers: {}, calls, by: 'ana' })
  return {
    ...repo,
    project: roomy,
    facts,
    plan,
    execute,
    make: async (request: Omit<BackupRequest, 'session'>, at?: Date) => execute(await plan(request, at)),
    list: async () => listBackups(root, roomy),
    /** Executes a plan in a process of its own, behind a tool that makes the system fail. */
    under(tool: string[], made: Plan, env: Record<string, string> = {}) {
      const file = join(root, '.knowngood', 'plan.json')
      writeFileSync(file, JSON.stringify(made))
      const [command, ...args] = [...tool, process.execPath, '--no-warnings', fixture, root, file, 'run', 'never', '']
      const { status, signal, stdout, stderr } = spawnSync(command, args, {
        encoding: 'utf8',
        env: { ...process.env, ...env },
      })
      const said = stdout.startsWith('{')
        ? (JSON.parse(stdout) as { exit: number; error: string | null; owed: string[] })
        : null
      return { status, signal, said, err: stderr }
    },
    /** What stands in the folder of backups: hidden leftovers of a run are named here too. */
    standing: (dir = 'backups') => (existsSync(join(root, dir)) ? namesIn(join(root, dir)) : []),
    print: (dir = 'backups') => fingerprint(join(root, dir)),
  }
}

/** Every file below a folder but the proofs, which are lines and no backup. */
function namesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'proofs.jsonl')
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted()
}

/** A real small volume at a folder for the time of a test; `done` takes it away, also when it is still busy. */
export function mountAt(folder: string, options: string): { done(): void } {
  mkdirSync(folder, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder])
  return { done: () => void spawnSync('umount', ['-l', folder], { stdio: 'ignore' }) }
}

/** Whether volumes cannot be mounted here; where every part is demanded, the test fails by itself instead. */
export const cannotMount = process.env['KNOWNGOOD_REQUIRE_ALL'] !== '1' && process.getuid?.() !== 0

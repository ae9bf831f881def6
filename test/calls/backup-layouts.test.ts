import { execFileSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { Project } from '../../src/core/project.ts'
import type { BackupRequest } from '../../src/plans/backup-request.ts'
import { planBackup } from '../../src/plans/backup.ts'
import { backingUp } from '../helpers/backing-up.ts'
import { production } from '../helpers/production.ts'
import { temporaryFolder } from '../helpers/temp.ts'

const read = (...path: string[]) => readFileSync(join(...path), 'utf8')
const json = (...path: string[]) => JSON.parse(read(...path)) as Record<string, unknown>
const run = (cwd: string, file: string, ...args: string[]) => execFileSync(file, args, { cwd, encoding: 'utf8' })
const partials = (folder: string) =>
  readdirSync(folder, { recursive: true }).filter((name) => /\.partial|\.tmp$/.test(String(name)))

async function made(
  kind: BackupRequest['kind'],
  more: Partial<BackupRequest> = {},
  change: (project: Project) => Project = (project) => project,
  before: (root: string) => void = () => undefined,
) {
  const at = await production(change)
  const { root } = at.project
  before(root)
  const plan = planBackup(at.project, await at.facts(), { kind, ...more }, at.decided('backup'))
  expect(plan.holds).toEqual([])
  const result = await at.execute(plan)
  expect(result.error).toBeNull()
  const gives = result.gives['backup.publish'] ?? {}
  const { backups } = await at.facts()
  const listed = backups.ok ? backups.value.find((one) => one.id === gives['id']) : undefined
  expect(listed).toMatchObject({
    kind,
    state: 'ok',
    rung: 'hashed',
    origin: 'knowngood',
    because: null,
    path: gives['path'],
  })
  expect(listed?.bytes).toBeGreaterThan(0)
  return { ...at, root, gives, plan, path: String(gives['path']), doubts: listed?.doubts ?? [] }
}

test('a full backup keeps the fields of the teams, and its export beside it', async () => {
  const { root, path, demo } = await made('full', { notes: 'Pre-schema-migration backup' })
  const record = json(root, path)
  expect(path).toMatch(/^backups\/full\/full-backup-\d{13}\.json$/)
  expect(Object.keys(record).slice(0, 9)).toEqual([
    'id',
    'type',
    'timestamp',
    'commitHash',
    'commitMessage',
    'branch',
    'convexExportPath',
    'exportSizeBytes',
    'notes',
  ])
  const file = String(record['convexExportPath'])
  expect(file).toMatch(/^backups\/full\/database-\d{13}\.db$/)
  expect(statSync(join(root, file)).size).toBe(record['exportSizeBytes'])
  expect(record['exports']).toMatchObject([{ source: 'database', path: file, sizeBytes: record['exportSizeBytes'] }])
  const ref = `refs/knowngood/backups/${String(record['id'])}`
  expect(run(demo.root, 'git', 'rev-parse', ref).trim()).toBe(record['commitHash'])
  expect(run(demo.root, 'git', 'ls-remote', 'origin', ref)).toContain(record['commitHash'])
  expect(partials(join(root, 'backups'))).toEqual([])
})

/** The shell lines of a manifest, block by block. */
const blocks = (text: string) => [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1] ?? '')

test('a set explains itself, and its own commands bring everything back', async () => {
  const { root, gives, path } = await made('set', { name: 'before-upgrade' })
  expect(gives['id']).toBe('before-upgrade')
  expect(path).toBe('backups/before-upgrade')
  const folder = join(root, path)
  const copy = join(temporaryFolder(), 'copy')
  run('/', 'cp', '-r', folder, copy)
  const manifest = read(copy, 'MANIFEST.md')
  expect(manifest).toContain('knowngood restore before-upgrade')
  for (const block of blocks(manifest)) run(copy, 'bash', '-euc', block)
  expect(read(copy, 'git/HEAD_COMMIT').trim()).toBe(gives['commit'])
  expect(run(join(copy, 'restored'), 'git', 'rev-parse', 'HEAD').trim()).toBe(gives['commit'])
  expect(Number(run(copy, 'sqlite3', 'restored.db', 'SELECT count(*) FROM sqlite_master'))).toBeGreaterThan(0)
  expect(lstatSync(folder).mode & 0o777).toBe(0o700)
  expect(lstatSync(join(folder, 'backup.json')).mode & 0o777).toBe(0o600)
})

test('a release folder holds what the teams look for', async () => {
  const files = { use: 'files', parts: { site: ['index.html'] } }
  const { root, path } = await made('release', { type: 'patch' }, (project) => ({
    ...project,
    sources: { ...project.sources, code: files },
  }))
  expect(path).toMatch(/^backups\/releases\/\d{8}_\d{6}Z$/)
  const folder = join(root, path)
  expect(read(folder, 'VERSION.txt')).toBe('1.4.0\n')
  expect(read(folder, 'DEPLOYMENT_TYPE.txt')).toBe('patch\n')
  expect(json(folder, 'migrations.json')).toMatchObject({
    schemaRevision: expect.stringMatching(/conversation_mode/) as unknown,
  })
  expect(existsSync(join(folder, 'database/database.db'))).toBe(true)
  expect(run(folder, 'tar', 'tzf', 'code/site.tar.gz')).toContain('index.html')
  expect(existsSync(join(folder, 'environment.json'))).toBe(true)
  expect(run(folder, 'sha256sum', '--strict', '-c', 'CHECKSUM.sha256')).toContain('MANIFEST.md: OK')
})

test('a site backup is one plain zip of the tree, without what is secret', async () => {
  const { root, path } = await made('site', {}, undefined, (root) => {
    writeFileSync(join(root, '.env'), 'TOKEN=abc\n')
    writeFileSync(join(root, '.env.example'), 'TOKEN=\n')
    writeFileSync(join(root, 'untracked.txt'), 'mine\n')
  })
  expect(path).toMatch(/^backups\/site-backup_\d{8}_\d{6}Z\.zip$/)
  expect(run(root, 'unzip', '-t', path)).toContain('No errors detected')
  const names = run(root, 'unzip', '-Z1', path).split('\n')
  expect(names).toEqual(expect.arrayContaining(['index.html', 'untracked.txt', '.env.example']))
  expect(names.filter((name) => /^(\.env|\.git\/|backups\/|\.knowngood\/)$/.test(name))).toEqual([])
  expect(json(root, path.replace('.zip', '.json'))['leftOut']).toEqual(['.env: holds secret values'])
})

/** Open for as long as the test runs: one that nobody holds is closed when memory is collected. */
const held: DatabaseSync[] = []

test('a site backup names a database that is being written and a link that leads out, with what to do about each', async () => {
  const { root, path, doubts } = await made('site', {}, undefined, (root) => {
    const database = new DatabaseSync(join(root, 'cache.db'))
    database.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (x); INSERT INTO t VALUES (1)')
    held.push(database)
    symlinkSync('/srv/it/s here', join(root, 'out'))
    symlinkSync('index.html', join(root, 'inside'))
  })
  const { leftOut } = json(root, path.replace('.zip', '.json')) as { leftOut: string[] }
  expect(leftOut).toEqual(["out: a link that leads out of the tree; made again by: ln -s '/srv/it/s here' out"])
  expect(doubts).toEqual([
    "cache.db: a live SQLite database, copied file by file; keep it whole by sources.cache: { use: sqlite, path: cache.db }, or leave it out by backups.site.exclude: ['/cache.db*']",
  ])
  const names = run(root, 'unzip', '-Z1', path).split('\n')
  expect(names).toEqual(expect.arrayContaining(['inside', 'cache.db', 'cache.db-wal']))
  expect(names).not.toContain('out')
})

test('the next site backup takes unchanged files out of the last one, and stands alone', async () => {
  const at = backingUp()
  for (let index = 0; index < 40; index += 1) at.write(`pages/${index}.txt`, `page ${index}\n`.repeat(50))
  const old = new Date(Date.now() - 3_600_000)
  for (const name of readdirSync(join(at.root, 'pages'))) utimesSync(join(at.root, 'pages', name), old, old)
  // Files are believed by their times once they are some seconds old.
  const first = await at.make({ kind: 'site' }, new Date(Date.now() - 60_000))
  const second = await at.make({ kind: 'site' })
  expect([first.error, second.error]).toEqual([null, null])
  const path = String(second.gives['backup.publish']?.['path'])
  rmSync(join(at.root, String(first.gives['backup.publish']?.['path'])))
  expect(run(at.root, 'unzip', '-t', path)).toContain('No errors detected')
  expect(run(at.root, 'unzip', '-p', path, 'pages/7.txt')).toBe('page 7\n'.repeat(50))
})

test('a narrowed site backup names every top-level entry it leaves out', async () => {
  const narrowed = (project: Project): Project => ({
    ...project,
    backups: { ...project.backups, site: { ...project.backups.site, paths: ['index.html'] } },
  })
  const { root, path } = await made('site', {}, narrowed, (root) => writeFileSync(join(root, 'more.txt'), 'x'))
  const { leftOut } = json(root, path.replace('.zip', '.json')) as { leftOut: string[] }
  expect(leftOut).toContain('more.txt: not in backups.site.paths')
  expect(leftOut.some((line) => line.startsWith('.git:'))).toBe(false)
})

test('a bundle has a lock file and a list that sha256sum reads', async () => {
  const { root, path, gives, sh } = await made('bundle')
  expect(path).toMatch(/^releases\/mosaic-v1\.4\.0-\d{8}_\d{6}Z\.tar\.gz$/)
  expect(json(root, path.replace('.tar.gz', '.lock.json'))).toMatchObject({
    name: 'mosaic',
    version: '1.4.0',
    gitSha: await sh('rev-parse', 'main'),
    sha256: gives['sha256'],
    size: statSync(join(root, path)).size,
    release_url: null,
  })
  expect(run(join(root, 'releases'), 'sha256sum', '--strict', '-c', 'SHA256SUMS')).toContain('OK')
  expect(run(root, 'tar', 'tzf', path).split('\n')).toContain('index.html')
})

test('a dump is the databases and a record', async () => {
  const { root, path } = await made('dump')
  expect(path).toMatch(/^data\/dump-\d{8}_\d{6}Z\.json$/)
  const { parts } = json(root, path) as { parts: { path: string }[] }
  expect(parts.map((part) => part.path)).toEqual([expect.stringMatching(/^data\/database-\d{8}_\d{6}Z\.db$/)])
  expect(run(root, 'sqlite3', parts[0]?.path ?? '', 'PRAGMA integrity_check').trim()).toBe('ok')
})

const runtime =
  (to: string, more: object = {}) =>
  (project: Project): Project => ({
    ...project,
    sources: { ...project.sources, runtime: { use: 'files', paths: ['.codex-api'] } },
    backups: {
      ...project.backups,
      data: {
        keep: 3,
        freshMs: null,
        dir: to,
        name: 'codex-api',
        sources: ['runtime'],
        mounted: false,
        quota: null,
        encrypt: null,
        prune: false,
        ...more,
      },
    },
  })

function codex(root: string): void {
  mkdirSync(join(root, '.codex-api/codex'), { recursive: true })
  writeFileSync(join(root, '.codex-api/codex/config.toml'), 'model = "x"\n')
}

test('a data archive lies by its day, with its checksum', async () => {
  const drive = temporaryFolder()
  const { path } = await made('data', {}, runtime(drive), codex)
  expect(path.slice(drive.length)).toMatch(/^\/\d{4}\/\d\d-\d\d\/codex-api-\d{8}_\d{6}Z\.tar\.gz$/)
  expect(run(dirname(path), 'sha256sum', '--strict', '-c', `${path}.sha256`)).toContain('OK')
  expect(run('/', 'tar', 'tzf', path)).toContain('.codex-api/codex/config.toml')
  expect(partials(drive)).toEqual([])
})

test('an encrypted data archive opens with the passphrase, and no plaintext is left', async () => {
  const drive = temporaryFolder()
  process.env['CODEX_BACKUP_GPG_KEY'] = 'a strong passphrase'
  const { path, root } = await made('data', {}, runtime(drive, { encrypt: { gpg: 'CODEX_BACKUP_GPG_KEY' } }), codex)
  expect(path).toMatch(/\.tar\.gz\.gpg$/)
  const plain = join(temporaryFolder(), 'plain.tar.gz')
  execFileSync('gpg', ['--batch', '--pinentry-mode', 'loopback', '--passphrase-fd', '0', '-o', plain, '-d', path], {
    input: 'a strong passphrase',
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  expect(run('/', 'tar', 'tzf', plain)).toContain('.codex-api/codex/config.toml')
  expect(readdirSync(dirname(path)).toSorted()).toEqual([
    expect.stringMatching(/\.json$/),
    expect.stringMatching(/\.gpg$/),
    expect.stringMatching(/\.gpg\.sha256$/),
  ])
  expect(readdirSync(join(root, '.knowngood')).filter((name) => name.includes('partial'))).toEqual([])
  delete process.env['CODEX_BACKUP_GPG_KEY']
})

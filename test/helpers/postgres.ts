import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, onTestFinished } from 'vitest'
import { secretValue } from '../../src/world/secrets.ts'
import type { Io } from '../../src/core/plan.ts'
import { postgres } from '../../src/sources/postgres.ts'
import { testIo } from './io.ts'
import { sourceAtWork } from './source-round-trip.ts'
import { temporaryFolder } from './temp.ts'

/** A throwaway server: `url` as a superuser or as a role of the test's, over TCP with a password. */
export type TestServer = {
  url(database: string, role?: string): string
  /** PG* for standard tools, over the socket, where nobody is asked for a password. */
  env: Record<string, string>
  /** Runs statements as a superuser and gives the rows, values apart by `|`. */
  sql(database: string, ...statements: string[]): string[]
  /** The folder of its programs. */
  programs: string
  stop(): void
}

const PASSWORD = 'p:w\\d "@/ 1'
const programs = folderOfPrograms()
// Debian's wrappers, which choose a version each time, take five times as long to start.
if (programs !== null) process.env['PATH'] = `${programs}:${process.env['PATH']}`

/** Suites that need a server: skipped, by name, where there is none; a failure where everything is required. */
export const describePostgres =
  programs !== null || process.env['KNOWNGOOD_REQUIRE_ALL'] === '1' ? describe : describe.skip
export const NEEDS = programs === null ? ' (needs postgresql-15)' : ''

/** Starts a server of its own, on a socket and a loopback port of its own. About a second. */
export async function startPostgres(): Promise<TestServer> {
  if (programs === null) throw new Error('PostgreSQL is not installed: apt-get install postgresql-15')
  const folder = mkdtempSync(join(tmpdir(), 'knowngood-pg-'))
  const data = join(folder, 'data')
  const port = await freePort()
  const password = join(folder, 'password')
  writeFileSync(password, `${PASSWORD}\n`)
  if (process.getuid?.() === 0) execFileSync('chown', ['-R', 'postgres', folder])
  as('initdb', [
    '-D',
    data,
    '-U',
    'postgres',
    '--auth-local=trust',
    '--auth-host=scram-sha-256',
    `--pwfile=${password}`,
    '--no-sync',
    '-E',
    'UTF8',
    '--locale=C',
  ])
  // The log goes to a file: a pipe would be held open by the server.
  const options = `-c listen_addresses=127.0.0.1 -p ${port} -c unix_socket_directories=${folder} -c fsync=off`
  as('pg_ctl', ['-D', data, '-l', join(folder, 'log'), '-o', options, '-w', 'start'])
  const env = { PGHOST: folder, PGPORT: String(port), PGUSER: 'postgres' }
  const coded = encodeURIComponent(PASSWORD)
  return {
    env,
    programs,
    url: (database, role = 'postgres') =>
      `postgres://${encodeURIComponent(role)}:${coded}@127.0.0.1:${port}/${encodeURIComponent(database)}`,
    sql: (database, ...statements) => {
      const words = statements.flatMap((statement) => ['-c', statement])
      const out = execFileSync(join(programs, 'psql'), ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', ...words], {
        env: { ...process.env, ...env, PGDATABASE: database },
        encoding: 'utf8',
      })
      return out.split('\n').filter((line) => line !== '')
    },
    stop: () => {
      as('pg_ctl', ['-D', data, '-m', 'immediate', '-w', 'stop'])
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

/** The password of every role made with `roleLine`, and of the superuser. */
export function roleLine(name: string, rights = ''): string {
  return `CREATE ROLE "${name}" LOGIN ${rights} PASSWORD '${PASSWORD.replaceAll("'", "''")}'`
}

/** A project whose database is this one, and its source at work there. */
export function postgresAtWork(
  server: TestServer,
  database: string,
  options: Record<string, unknown> = {},
  more: { role?: string; run?: string; signal?: AbortSignal } = {},
) {
  const root = temporaryFolder()
  const variable = `KG_TEST_${randomBytes(6).toString('hex').toUpperCase()}_DATABASE_URL`
  process.env[variable] = server.url(database, more.role)
  const base = testIo(root, more.signal)
  const io: Io & { lines: string[] } = {
    ...base,
    ...(more.run === undefined ? {} : { run: more.run }),
    secret: secretValue,
  }
  const told = { source: postgres as never, options: { url: `$${variable}`, ...options }, root, io }
  return { root, variable, io, told, at: sourceAtWork(told) }
}

/** Another client at work: says these statements and stays until it is killed. */
export async function anotherClient(
  server: TestServer,
  database: string,
  sql: string,
  role = 'postgres',
): Promise<ChildProcess> {
  const child = spawn(join(server.programs, 'psql'), ['-X', '-q', '-A', '-t'], {
    env: { ...process.env, ...server.env, PGDATABASE: database, PGUSER: role },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  onTestFinished(() => void child.kill())
  child.stdin.write(`\\echo at work\n${sql}\n\\echo at work\n`)
  await new Promise<void>((resolve) => {
    let seen = ''
    child.stdout.on('data', (chunk: Buffer) => {
      seen += chunk.toString()
      // A loop never gets to the second one.
      if (seen.split('at work').length > (sql.includes('watch') ? 1 : 2)) resolve()
    })
  })
  return child
}

/** A folder of programs that stand before the real ones on PATH; each is a script that may call `$REAL`. */
export function shims(programsToReplace: Record<string, string>): string {
  const folder = temporaryFolder()
  for (const [name, script] of Object.entries(programsToReplace)) {
    const real = execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim()
    writeFileSync(join(folder, name), `#!/bin/bash\nREAL=${real}\n${script}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  return folder
}

/** Whether any file below a folder holds the text. */
export function anyFileHolds(folder: string, text: string): boolean {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).some(
    (entry) => entry.isFile() && readFileSync(join(entry.parentPath, entry.name)).includes(text),
  )
}

function as(program: string, args: string[]): void {
  const file = join(programs ?? '', program)
  const drop = ['--reuid=postgres', '--regid=postgres', '--init-groups', file, ...args]
  const root = process.getuid?.() === 0
  const { status, stderr } = spawnSync(root ? 'setpriv' : file, root ? drop : args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    cwd: '/',
  })
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`)
}

function folderOfPrograms(): string | null {
  const asked = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' }).stdout?.trim() ?? ''
  const packaged = existsSync('/usr/lib/postgresql')
    ? readdirSync('/usr/lib/postgresql')
        .toSorted((a, b) => Number(b) - Number(a))
        .map((version) => `/usr/lib/postgresql/${version}/bin`)
    : []
  return [asked, ...packaged].find((folder) => folder !== '' && existsSync(join(folder, 'initdb'))) ?? null
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })
}

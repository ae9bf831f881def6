import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Part } from '../../../src/core/backup.ts'
import { postgres } from '../../../src/sources/postgres.ts'
import {
  describePostgres,
  NEEDS,
  postgresAtWork,
  shims,
  startPostgres,
  type TestServer,
} from '../../helpers/postgres.ts'

describePostgres(`a dump of PostgreSQL${NEEDS}`, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startPostgres()
    server.sql('postgres', 'CREATE DATABASE app')
    server.sql(
      'app',
      'CREATE TABLE users (id int PRIMARY KEY, name text)',
      "INSERT INTO users VALUES (1, 'ana'), (2, 'ben')",
    )
  })
  afterAll(() => {
    vi.unstubAllEnvs()
    server.stop()
  })

  const standard = (program: string, args: string[], database = 'app') =>
    execFileSync(program, args, { env: { ...process.env, ...server.env, PGDATABASE: database }, encoding: 'utf8' })

  /** A file from before Knowngood: no hash, no counts. */
  function found(work: ReturnType<typeof postgresAtWork>, name: string, text: string | Buffer): Part {
    const path = `database/${name}`
    mkdirSync(dirname(join(work.at.stage, path)), { recursive: true })
    writeFileSync(join(work.at.stage, path), text)
    return { source: 'data', use: 'postgres', path, bytes: text.length, sha256: '', unsettled: [] }
  }

  test.each(['custom', 'plain'])('in format %s is put back by hand, by the lines its manifest has', async (format) => {
    const { at, told } = postgresAtWork(server, 'app', { format })
    const { parts } = await at.capture()
    const lines = postgres.manual(postgres.options.parse(told.options), parts[0] as Part)
    for (const line of lines) {
      execFileSync('sh', ['-ec', line], { cwd: at.stage, env: { ...process.env, ...server.env }, stdio: 'pipe' })
    }
    expect(server.sql('restored', 'SELECT name FROM users ORDER BY id')).toEqual(['ana', 'ben'])
    server.sql('postgres', 'DROP DATABASE restored')
  })

  test('that is half as large as the last one, or has a table gone empty, is doubted', async () => {
    server.sql('postgres', 'CREATE DATABASE shrinking')
    server.sql(
      'shrinking',
      'CREATE TABLE a AS SELECT md5(n::text) FROM generate_series(1, 5000) n',
      'CREATE TABLE b AS SELECT 1',
    )
    const first = postgresAtWork(server, 'shrinking')
    const { parts, doubts } = await first.at.capture()
    expect(doubts).toEqual([])
    server.sql('shrinking', 'DELETE FROM a', 'DROP TABLE b')
    const second = await postgresAtWork(server, 'shrinking').at.capture(parts)
    expect(second.doubts).toEqual([
      expect.stringMatching(/database\/data\.dump is less than half the size of the last one/),
      'a went empty (was 5,000 rows)',
      'b is gone (was 1 rows)',
    ])
  })

  test('is made and opened by the commands its steps print', async () => {
    for (const format of ['custom', 'plain']) {
      const { at, variable } = postgresAtWork(server, 'app', { format })
      const { parts } = await at.capture()
      const steps = [at.captureStep(), at.restoreSteps(parts)?.beside]
      for (const step of steps) {
        for (const action of step?.actions ?? []) {
          if (action.do !== 'call') continue
          for (const argv of action.byHand) {
            const words = argv.map((word) =>
              typeof word === 'string' ? word : 'secret' in word ? (process.env[word.secret] ?? '') : '',
            )
            expect(
              argv.some((word) => typeof word !== 'string' && 'secret' in word && word.secret === variable) ||
                argv[0] !== 'pg_dump',
            ).toBe(true)
            standard(words[0] ?? '', words.slice(1))
          }
        }
      }
      expect(server.sql('restored_data', 'SELECT count(*) FROM users')).toEqual(['2'])
      server.sql('postgres', 'DROP DATABASE restored_data')
    }
  })

  test('goes into a new database that a variable names, and is taken away again; one that exists is left alone', async () => {
    const { at, root, variable } = postgresAtWork(server, 'app')
    const { parts } = await at.capture()
    process.env[`${variable}_SCRATCH`] = server.url('scratch')
    const steps = at.restoreSteps(parts, { live: false, dir: root, urlFrom: `${variable}_SCRATCH` })
    if (steps === null) throw new Error('no steps')
    expect(steps.swap).toBeNull()
    expect(await at.run(steps.beside)).toMatchObject({ counts: { users: 2 }, place: 'scratch' })
    expect(server.sql('scratch', 'SELECT count(*) FROM users')).toEqual(['2'])
    await expect(at.act(steps.beside)).rejects.toMatchObject({
      exit: 3,
      message: expect.stringContaining('scratch is there already'),
    })
    await at.act(steps.drop)
    expect(await at.probe(steps.drop)).toMatchObject({ state: 'done' })
    server.sql('postgres', 'CREATE DATABASE scratch')
    server.sql('scratch', 'CREATE TABLE somebodys (x int)')
    await expect(at.act(steps.beside)).rejects.toMatchObject({ exit: 3 })
    expect(await at.probe(steps.beside)).toMatchObject({ state: 'foreign' })
    await at.undo(steps.beside)
    expect(server.sql('scratch', 'SELECT count(*) FROM somebodys')).toEqual(['0'])
    server.sql('postgres', 'DROP DATABASE scratch')
  })

  test.each(['custom', 'plain'])(
    'in format %s goes into an empty database that is there, whole or not at all',
    async (format) => {
      const work = postgresAtWork(server, 'app', { format })
      const { parts } = await work.at.capture()
      server.sql('postgres', 'CREATE DATABASE waiting')
      process.env[`${work.variable}_WAITING`] = server.url('waiting')
      const to = { live: false as const, dir: work.root, urlFrom: `${work.variable}_WAITING` }
      const steps = work.at.restoreSteps(parts, to)
      const broken = work.at.restoreSteps(
        [
          found(
            work,
            'broken.sql',
            standard('pg_dump', ['-w']).replace('-- PostgreSQL database dump complete', 'SELECT 1/0;\n$&'),
          ),
        ],
        to,
      )
      if (steps === null || broken === null) throw new Error('no steps')
      await expect(work.at.act(broken.beside)).rejects.toThrow(/division by zero/)
      expect(await work.at.run(steps.beside)).toMatchObject({ counts: { users: 2 }, place: 'waiting' })
      await work.at.act(steps.drop)
      expect(server.sql('waiting', 'SELECT count(*) FROM users')).toEqual(['2'])
      server.sql('postgres', 'DROP DATABASE waiting')
    },
  )

  test.each([
    ['plain', ['--no-sync']],
    ['plain, without its marks against commands', ['strip']],
    ['written as INSERTs', ['--inserts']],
    ['in tar format', ['--format=tar']],
  ])('from before Knowngood, %s, is read, restored and counted', async (_, options) => {
    const work = postgresAtWork(server, 'app')
    const words = options.filter((word) => word !== 'strip')
    const text = execFileSync('pg_dump', ['-w', ...words], {
      env: { ...process.env, ...server.env, PGDATABASE: 'app' },
    })
    const stripped = options.includes('strip')
      ? Buffer.from(text.toString().replace(/^\\(un)?restrict .*\n/gm, ''))
      : text
    const part = found(work, options.includes('--format=tar') ? 'dump.tar' : 'dump.sql', stripped)
    await work.at.readable(part)
    const steps = work.at.restoreSteps([part], { live: false, dir: work.root, urlFrom: null })
    if (steps === null) throw new Error('no steps')
    expect(await work.at.run(steps.beside)).toMatchObject({ counts: { users: 2 } })
    await work.at.run(steps.drop)
  })

  test('that a newer pg_dump has made is refused by a psql or a server that is older than it, in words', async () => {
    const plain = standard('pg_dump', ['-w']).replace(/^\\(un)?restrict .*\n/gm, '')
    const marked = `\\restrict abc\n${plain}\\unrestrict abc\n`
    const work = postgresAtWork(server, 'app')
    const beside = (text: string) => {
      const steps = work.at.restoreSteps([found(work, 'dump.sql', text)], {
        live: false,
        dir: work.root,
        urlFrom: null,
      })
      if (steps === null) throw new Error('no steps')
      return steps.beside
    }
    // As one from before the command came: it says its version, and stops at what it does not know.
    const old =
      '[ "$1" = --version ] && echo "psql (PostgreSQL) 15.5" && exit\nsed -u "s/^.restrict/&ed/" | exec "$REAL" "$@"'
    const path = process.env['PATH']
    vi.stubEnv('PATH', `${shims({ psql: old })}:${path}`)
    await expect(work.at.act(beside(marked))).rejects.toMatchObject({
      exit: 3,
      why: 'a newer pg_dump has made it: it begins with \\restrict, which psql 15.5 does not know',
      next: [expect.stringContaining('15.14')],
    })
    await work.at.act(beside(plain))
    await work.at.undo(beside(plain))
    vi.stubEnv('PATH', path)

    const setting = plain.replace('SET client_encoding', 'SET transaction_timeout_of_a_newer_server = 0;\n$&')
    await expect(work.at.act(beside(setting))).rejects.toThrow(/a pg_dump that is newer than this server has made it/)
    await work.at.undo(beside(setting))
    expect(server.sql('postgres', "SELECT datname FROM pg_database WHERE datname LIKE 'app\\_%'")).toEqual([])
  })

  test('that would leave its database is refused: pg_dump -C, pg_dumpall, a shell command', async () => {
    const work = postgresAtWork(server, 'app')
    const plain = standard('pg_dump', ['-w'])
    const shell = (text: string) => text.replace('SET client_encoding', '\\! touch pwn\nSET client_encoding')
    const refused: [string, RegExp][] = [
      [standard('pg_dump', ['-w', '-C']), /would leave the database.*\\connect app/],
      [standard('pg_dumpall', ['-w']), /would leave the database|cut short/],
      [shell(plain.replace(/^\\(un)?restrict .*\n/gm, '')), /would leave the database.*touch pwn/],
      // Where psql takes no commands, such a line may be part of a text; it is psql that refuses it otherwise.
      [shell(plain), /backslash commands are restricted/],
    ]
    for (const [text, why] of refused) {
      const part = found(work, 'dump.sql', text)
      const steps = work.at.restoreSteps([part], { live: false, dir: work.root, urlFrom: null })
      if (steps === null) throw new Error('no steps')
      await expect(work.at.act(steps.beside)).rejects.toThrow(why)
      await work.at.undo(steps.beside)
    }
    // Hidden within a line it is psql that refuses it.
    const hidden = found(
      work,
      'dump.sql',
      plain
        .replace(/^\\(un)?restrict .*\n/gm, '')
        .replace('SET client_encoding', `SELECT 1 \\! touch ${work.root}/pwn\nSET client_encoding`),
    )
    const steps = work.at.restoreSteps([hidden], { live: false, dir: work.root, urlFrom: null })
    if (steps === null) throw new Error('no steps')
    await expect(work.at.act(steps.beside)).rejects.toThrow(/restrict/)
    await work.at.undo(steps.beside)
    expect(() => readFileSync(join(work.root, 'pwn'))).toThrow('ENOENT')
    expect(server.sql('postgres', "SELECT datname FROM pg_database WHERE datname LIKE 'app\\_%'")).toEqual([])
  })
})

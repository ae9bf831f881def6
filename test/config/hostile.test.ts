import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadProject } from '../../src/config/load.ts'
import { parseConfig } from '../../src/config/read-config.ts'
import { UserError } from '../../src/core/failure.ts'
import { temporaryFolder } from '../helpers/temp.ts'

/** Every line the operator would read. */
async function told(text: string): Promise<string[]> {
  const error = await parseConfig(text).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (error === null) return []
  if (!(error instanceof UserError)) throw error
  expect(error.exit).toBe(2)
  return [...error.next]
}

describe('a broken file', () => {
  it('has every problem named at once, each with its line and a suggestion', async () => {
    const lines = await told(
      [
        'project: mosaic',
        'enviroment: production',
        'remote: origin',
        'gate:',
        '  valid: 12',
        '  checks:',
        '    - { id: verify, run: npm test }',
        '    - { id: verify, run: [] }',
        'deploy:',
        '  on_failed_verify: rolback',
        'sources:',
        '  database: { use: sqlit, path: a.db }',
      ].join('\n'),
    )
    expect(lines.slice(0, -1)).toEqual([
      'line 2: enviroment is unknown; did you mean environment?',
      'line 3: remote is unknown; did you mean git.remote?',
      'line 5: gate.valid is a number and a unit, such as 90s, 10m, 12h or 30d',
      'line 7: gate.checks[0].run is a list of words, such as ["npm", "run", "build"]; nothing is run through a shell: write ["npm", "test"]',
      'line 8: gate.checks[1].run is empty; the first word is the program',
      'line 8: gate.checks[1].id is taken; each check and confirmation needs its own',
      'line 10: deploy.on_failed_verify is ask or rollback; did you mean rollback?',
      'line 12: sources.database.use: there is no sqlit; did you mean sqlite?',
    ])
    expect(lines.at(-1)).toContain('docs configuration')
  })

  it('is told that a key of no use in this version is unknown', async () => {
    const lines = await told('weekly: []\nbackups:\n  weekly: { keep: 3 }\nsources:\n  db: 3\n')
    expect(lines[0]).toMatch(/^line 1: weekly is unknown to this version; the keys are: project, /)
    expect(lines[1]).toMatch(
      /^line 3: backups.weekly is unknown to this version; the keys of backups are: quick, full, site, /,
    )
    expect(lines[2]).toMatch(/^line 5: sources.db is a set of options/)
  })

  it('hears of plug-ins that are not there and of their own options', async () => {
    const lines = await told(
      'sources:\n  a: { use: sqlit, path: x }\n  b: { use: dbase }\n  c:\n    use: sqlite\n    pth: x\ndeploy:\n  targets: [{ use: toString }]\n',
    )
    expect(lines).toContain('line 2: sources.a.use: there is no sqlit; did you mean sqlite?')
    expect(lines.join('\n')).toMatch(/line 3: sources\.b\.use: there is no dbase; this version has .*sqlite/)
    expect(lines).toContain('line 4: sources.c.path is missing')
    expect(lines).toContain('line 6: sources.c.pth is unknown; did you mean path?')
    expect(lines.some((line) => line.startsWith('line 8: deploy.targets[0].use: there is no toString'))).toBe(true)
  })

  it.each([
    ['keep: 0', 'is at least 1: nothing would be kept'],
    ['keep: -3', 'is at least 1: nothing would be kept'],
    ['keep: .nan', 'is a whole number'],
    ['keep: .inf', 'is a whole number'],
    ['keep: 2.5', 'is a whole number'],
    ['keep: ten', 'is a whole number'],
    ['keep: "10"', 'is a whole number'],
    ['keep:', 'is blank'],
    ['keep: ""', 'is a whole number'],
  ])('never keeps nothing: %s', async (keep, says) => {
    const [line] = await told(`backups:\n  quick:\n    ${keep}\n`)
    expect(line).toMatch(/^line 3: backups\.quick\.keep /)
    expect(line).toContain(says)
  })

  it.each([
    ['a tab', 'gate:\n\tvalid: 12h\n', 'line 2: a tab is used to indent; use spaces'],
    ['a key twice', 'project: a\nproject: b\n', 'line 2: this key is there twice; keep one'],
    ['an anchor', 'project: &a mosaic\n', 'line 1: an anchor (&name) is not allowed'],
    ['an alias', 'git: { branch: &b main }\nproject: *b\n', 'line 2: an alias (*name) is not allowed'],
    ['a merge key', 'git: {}\nbuild: { <<: {id: x} }\n', 'build.<< is unknown'],
    ['a tag', 'project: !!js/function "x"\n', 'line 1: a tag (!name) is not allowed'],
    ['a local tag', 'project: !env SECRET\n', 'line 1: a tag (!name) is not allowed'],
    ['two documents', 'project: a\n---\nproject: b\n', 'a second document starts here'],
    ['a list', '- project\n', 'the file is a set of keys'],
    ['a bare word', 'mosaic\n', 'the file is a set of keys'],
    ['an unclosed quote', 'project: "mosaic\ngit: {}\n', 'not YAML'],
    ['a prototype', '__proto__: { project: x }\n', '__proto__ is unknown'],
    ['a constructor', 'sources: { constructor: { use: sqlite } }\n', 'sources.constructor.path is missing'],
    ['a number for a name', 'project: 12\n', 'project is a name; put it in quotes'],
    ['a list for a name', 'project: [a]\n', 'project is a name, not a list'],
    ['a set of keys for a name', 'project: { a: b }\n', 'project is a name, not a set of keys'],
    ['a list for a sentence', 'gate: { confirmations: [{ id: a, look: [x] }] }\n', 'is text, not a list'],
    ['a number for a word', 'build: { run: [[make, 2]] }\n', 'is a word; put it in quotes'],
    ['no reads', 'verify: { reads: -1 }\n', 'verify.reads is at least 1: nothing would be proven'],
    ['a name with escapes', 'project: "a\\u001b[2Jb"\n', 'project is letters, digits'],
    ['bidi in a title', 'gate: { confirmations: [{ id: a, look: "x\\u202ey" }] }\n', 'control characters'],
    ['a blank section', 'gate:\n', 'gate is blank; fill it in or leave the line out'],
  ])('refuses %s', async (_, text, says) => {
    expect((await told(text)).join('\n')).toContain(says)
  })

  it.each([['--output=pwn'], ['a b'], ['../../x'], ['a..b'], ['x.lock'], ['a~1'], ['@'], ['refs/heads/x\u0001']])(
    'takes %j for no branch',
    async (branch) => {
      expect((await told(`git: { branch: ${JSON.stringify(branch)} }\n`)).join()).toContain(
        'git.branch is not a name git takes',
      )
    },
  )

  it.each([['/etc'], ['../up'], ['~/x'], ['.git/hooks'], ['a/../../b'], ['C:/x'], ['-rf'], ['a\\b']])(
    'keeps %j out of paths',
    async (path) => {
      expect((await told(`evidence: { dir: ${JSON.stringify(path)} }\n`)).join()).toContain('evidence.dir')
      expect((await told(`records: { url: ${JSON.stringify(`sqlite:${path}`)} }\n`)).join()).toContain('records.url')
    },
  )

  it('keeps release records in a database by the name of a variable only', async () => {
    expect(await told('records: { url: $DATABASE_URL }\n')).toEqual([])
    for (const url of ['$', '$A B', '$1', '${DATABASE_URL}', 'postgres://db/x', '$A:b'])
      expect((await told(`records: { url: ${JSON.stringify(url)} }\n`)).join()).toContain('records.url')
  })

  it('names no secret that stands in it', async () => {
    const lines = await told(
      'git: { remote: "https://ana:hunter2@git.example/x.git" }\nverify: { checks: [{ url: "https://u:hunter2@x.example/" }] }\nrecords: { url: "postgres://u:hunter2@db/x" }\n',
    )
    expect(lines).toHaveLength(4)
    expect(lines.join()).not.toContain('hunter2')
  })

  it('is read within bounds: alias bombs, depth, many problems', async () => {
    const bomb = ['a: &a [x, x]', ...Array.from({ length: 30 }, (_, n) => `k${n}: &k${n} [*a, *a, *a]`)].join('\n')
    expect((await told(bomb)).length).toBeLessThan(50)
    expect((await told(`gate: ${'['.repeat(60_000)}\n`)).length).toBeGreaterThan(0)
    expect((await told(`gate: ${'{a: '.repeat(20_000)}\n`)).length).toBeGreaterThan(0)
    const many = await told(Array.from({ length: 500 }, (_, n) => `key${n}: 1`).join('\n'))
    expect(many).toHaveLength(42)
    expect(many).toContain('… and 460 more')
  })
})

const refused = async (root: string) =>
  await loadProject(root, {}).then(
    () => 'loaded',
    (error: unknown) => (error instanceof UserError ? `${error.exit} ${error.message}` : error),
  )

describe('a file that cannot be read', () => {
  it.each([
    ['a folder', (path: string) => mkdirSync(path), 'it is not a file'],
    ['a pipe', (path: string) => execFileSync('sh', ['-c', 'mkfifo "$0"', path]), 'it is not a file'],
    ['a link to nothing', (path: string) => symlinkSync('gone.yaml', path), 'it is a link to nothing'],
    ['endless', (path: string) => symlinkSync('/dev/zero', path), 'it is not a file'],
    ['huge', (path: string) => writeFileSync(path, `# ${'x'.repeat(300_000)}\n`), 'it is larger than 256 KB'],
    ['binary', (path: string) => writeFileSync(path, Buffer.from([112, 0, 1, 2])), 'it holds NUL bytes'],
    ['Latin-1', (path: string) => writeFileSync(path, Buffer.from('project: caf\xe9', 'latin1')), 'it is not UTF-8'],
  ])('is refused when it is %s', async (_, make, why) => {
    const root = temporaryFolder()
    make(join(root, 'knowngood.yaml'))
    expect(await refused(root)).toContain(`2 knowngood.yaml cannot be read: ${why}`)
  })

  it.each([
    ['', 'empty'],
    ['# nothing yet\n', 'a comment'],
    ['\ufeffproject: mosaic\r\ngit:\r\n  branch: main\r\n', 'CRLF with a mark'],
    ['---\nproject: mosaic\n...\n', 'marked'],
  ])('is fine when it is %j', async (text) => {
    const root = temporaryFolder()
    writeFileSync(join(root, 'knowngood.yaml'), text)
    expect(await refused(root)).toBe('loaded')
  })
})

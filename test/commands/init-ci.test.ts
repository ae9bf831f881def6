import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { run as bundle } from '../../src/commands/bundle.ts'
import { parseArguments } from '../../src/commands/parse.ts'
import { run as init } from '../../src/commands/init.ts'
import { commands } from '../../src/commands/table.ts'
import { backingUp } from '../helpers/backing-up.ts'
import { headless } from '../helpers/context.ts'
import { missing } from '../helpers/needs.ts'

type Step = { name?: string; uses?: string; run?: string; env?: Record<string, string>; 'working-directory'?: string }
type Workflow = { on: { push: { tags: string[] } }; jobs: Record<string, { steps: Step[]; permissions?: unknown }> }

const FILE = '.github/workflows/release.yml'

function at() {
  const { project, facts, ...repo } = backingUp({ version: { file: 'package.json' } })
  const context = headless(repo.root, { json: true, now: () => new Date(), project: async () => project, facts })
  repo.commit('Version', { 'package.json': '{ "version": "1.0.1" }\n', 'package-lock.json': '{}\n' })
  const read = () => readFileSync(join(repo.root, FILE), 'utf8')
  return { ...repo, context, read, ci: async (more = {}) => init({ ...context, ...more }, [], { ci: true }) }
}

test('the workflow packs, checks, publishes and keeps, by verbs and flags that there are', async () => {
  const { ci, read, root, sh } = at()
  sh('remote', 'set-url', 'origin', 'git@github.com:ana/mosaic.git')
  const { exit, data, lines } = await ci()
  expect([exit, data['written']]).toEqual([0, [FILE]])
  expect(lines.join('\n')).toContain('https://github.com/ana/mosaic/actions/workflows/release.yml/badge.svg')
  expect(existsSync(join(root, 'knowngood.yaml'))).toBe(false)
  const { on, jobs } = parse(read()) as Workflow
  expect(on.push.tags).toEqual(['v*'])
  const { steps } = jobs['release'] ?? { steps: [] }
  const shell = steps.flatMap(({ run }) => (run === undefined ? [] : run.trimEnd().split('\n')))
  expect(shell[0]).toBe('npm ci --ignore-scripts')
  const ours = shell.flatMap((line) => /(?:^|\s)knowngood(?:@\S+)? (.+)$/.exec(line)?.[1] ?? [])
  expect(ours).toEqual(['bundle --keep 5 --prune', 'publish "$GITHUB_REF_NAME"'])
  for (const line of ours) {
    const words = line.split(' ')
    const verb = commands.find(({ name }) => name === words[0])
    const flags = verb?.flags.map((flag) => flag.flags.split(' ')[0]) ?? []
    expect(words.filter((word) => word.startsWith('--') && !flags.includes(word))).toEqual([])
    expect(parseArguments(words)).toMatchObject({ command: { name: words[0] } })
  }
  // The token reaches one step alone, by its environment.
  expect(steps.filter(({ env }) => env !== undefined)).toMatchObject([
    { name: 'Publish', env: { GITHUB_TOKEN: '${{ github.token }}' } },
  ])
  expect(steps.at(-1)).toMatchObject({
    uses: expect.stringMatching(/^actions\/upload-artifact@/) as unknown,
    if: 'always()',
  })
  expect(Object.keys(jobs)).toEqual(['release', 'badge'])
})

test.skipIf(missing('jq'))('its shell lines do what they say (jq)', async () => {
  const { ci, read, root, context } = at()
  await ci()
  await bundle(context, [], {})
  const { jobs } = parse(read()) as Workflow
  const line = (job: string, name: string) => jobs[job]?.steps.find((step) => step.name === name)
  const bash = (step: Step | undefined, env = {}) =>
    execFileSync('bash', ['--norc', '-e', '-c', step?.run ?? 'false'], {
      cwd: join(root, step?.['working-directory'] ?? '.'),
      env: { PATH: process.env['PATH'], ...env },
      encoding: 'utf8',
      stdio: 'pipe',
    })
  const digests = line('release', 'Check the digests')
  expect(bash(digests).match(/: OK/g)).toHaveLength(2)
  const tar = join(
    root,
    bash(digests)
      .split('\n')[0]
      ?.replace(/^(.*): OK$/, 'releases/$1') ?? '',
  )
  writeFileSync(tar, 'x')
  expect(() => bash(digests)).toThrow(/did NOT match/)
  bash(line('badge', 'Status badge'), { RESULT: 'success', GITHUB_REF_NAME: 'v1"0' })
  const badge = JSON.parse(readFileSync(join(root, 'badge.json'), 'utf8')) as unknown
  expect(badge).toEqual({ schemaVersion: 1, label: 'release', message: 'v1"0 success', color: 'brightgreen' })
})

test('a workflow that says something else is never overwritten; the same one is left as it is', async () => {
  const { ci, read, root } = at()
  const planned = await ci({ dryRun: true })
  expect([existsSync(join(root, '.github')), planned.lines.join('\n')]).toEqual([
    false,
    expect.stringContaining('publish "$GITHUB_REF_NAME"'),
  ])
  await ci()
  const text = read()
  expect(await ci()).toMatchObject({
    exit: 0,
    data: { written: [] },
    lines: [`${FILE} is there already, as it should be.`],
  })
  mkdirSync(join(root, '.github/workflows'), { recursive: true })
  writeFileSync(join(root, FILE), 'name: mine\n')
  await expect(ci()).rejects.toThrow(/says something else: init never overwrites it/)
  await expect(ci({ dryRun: true })).rejects.toThrow(/never overwrites it/)
  expect([read(), text.startsWith('# Written by `knowngood init --ci`')]).toEqual(['name: mine\n', true])
})

test('a project that has Knowngood among its packages uses that one; one without npm installs nothing', async () => {
  const { ci, read, commit, root, sh } = at()
  commit('Own', { 'package.json': '{ "devDependencies": { "knowngood": "^0.1.0" } }\n' })
  await ci()
  expect(read()).toContain('npx --no-install knowngood bundle')
  sh('rm', '--quiet', 'package-lock.json')
  execFileSync('rm', [join(root, FILE)])
  await ci()
  expect(read()).not.toContain('npm ci')
  expect(read()).toMatch(/npx --yes knowngood@\S+ bundle/)
})

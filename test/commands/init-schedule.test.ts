import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { run as init } from '../../src/commands/init.ts'
import { openGit } from '../../src/world/git.ts'
import { pushAtomic } from '../../src/world/git-push.ts'
import { headless } from '../helpers/context.ts'
import { missing } from '../helpers/needs.ts'
import { projectAt } from '../helpers/project.ts'
import { repository } from '../helpers/repository.ts'

/** A clone, and a program in the place of ours that writes down how it was called and ends with `code`. */
function at(name = 'work', code = 0) {
  const repo = repository()
  const called = join(dirname(repo.root), 'called')
  const program = join(dirname(repo.root), "o'ther 100%.mjs")
  const body = `import{appendFileSync}from'node:fs';appendFileSync(${JSON.stringify(called)},[process.cwd(),process.env.SECRET??'',...process.argv.slice(2)].join(' ')+'\\n');process.exit(${code})`
  writeFileSync(program, body)
  vi.stubEnv('KNOWNGOOD_PROGRAM', program)
  const project = projectAt(repo.root, { project: name })
  const context = headless(repo.root, { project: async () => project })
  const calls = () => readFileSync(called, 'utf8').trim().split('\n')
  return { repo, project, context, calls }
}

type Files = { path: string; text: string }[]

test('the lines for cron do what they say, in the clone, with the variables of their own file', async () => {
  const { repo, context, calls } = at()
  const { data, lines } = await init(context, [], { schedule: 'cron' })
  const [file] = data['files'] as Files
  expect(lines.join('\n')).toContain(`{ crontab -l; cat ${file?.path}; } | crontab -`)
  const table = readFileSync(file?.path ?? '', 'utf8')
    .split('\n')
    .filter((line) => /^\d/.test(line))
  expect(table).toHaveLength(2)
  writeFileSync(join(repo.root, '.knowngood/schedule/env'), "SECRET='of the env file'\n")
  // As cron does: five fields away, a percent sign with a backslash is one, and the rest goes to sh with next to no variables.
  for (const line of table) {
    const command = line
      .split(' ')
      .slice(5)
      .join(' ')
      .replaceAll(String.raw`\%`, '%')
    expect(spawnSync('/bin/sh', ['-c', command], { env: { PATH: '/usr/bin:/bin' }, cwd: '/' }).status).toBe(0)
  }
  expect(calls()).toEqual([`${repo.root} of the env file due --run`, `${repo.root} of the env file check`])
  expect((await init(context, [], { schedule: 'cron' })).data['written']).toEqual([])
})

test.skipIf(missing('systemd-analyze'))('the units for systemd are units (systemd-analyze)', async () => {
  const { context } = at()
  const { data, lines } = await init(context, [], { schedule: 'systemd' })
  const paths = (data['files'] as Files).map(({ path }) => path)
  expect(paths).toHaveLength(4)
  expect(lines.join('\n')).toMatch(/systemctl --user enable --now \S+-due\.timer \S+-check\.timer/)
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--user', ...paths], {
    encoding: 'utf8',
    env: { ...process.env, XDG_RUNTIME_DIR: dirname(context.cwd) },
  })
  expect([status, stderr.split('\n').filter((line) => line.includes('.knowngood'))]).toEqual([0, []])
})

test('the workflow for GitHub checks out the whole history, and gives secrets to one step by its environment', async () => {
  const { context, project } = at()
  const sources = { database: { use: 'postgres', url: '$DATABASE_URL' } }
  const notify = { webhook: 'OPS_WEBHOOK', secret: null, on: [], timeoutMs: 1 }
  const own = { ...context, project: async () => ({ ...project, sources, notify }) }
  const { data, lines } = await init(own, [], { schedule: 'github' })
  expect(data['written']).toEqual(['.github/workflows/knowngood.yml'])
  const { jobs } = parse((data['files'] as Files)[0]?.text ?? '') as {
    jobs: { due: { steps: Record<string, unknown>[] } }
  }
  expect(jobs.due.steps[0]).toMatchObject({ with: { 'fetch-depth': 0 } })
  expect(jobs.due.steps.at(-1)).toMatchObject({
    env: { DATABASE_URL: '${{ secrets.DATABASE_URL }}', OPS_WEBHOOK: '${{ secrets.OPS_WEBHOOK }}' },
    run: expect.stringMatching(/^npx --yes knowngood@\S+ due --run$/) as unknown,
  })
  expect(lines.join('\n')).toMatch(/No mirror is configured/)
})

test('the hook stops a push while check finds something, and lets our own pushes by', async () => {
  const { repo, context, calls } = at('work', 3)
  const { data } = await init(context, [], { hooks: true })
  const hook = join(repo.root, '.git/hooks/pre-push')
  expect(data['written']).toEqual(['.git/hooks/pre-push'])
  expect(statSync(hook).mode & 0o777).toBe(0o755)
  repo.commit('Second')
  const env = { PATH: '/usr/bin:/bin', HOME: repo.root, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }
  const push = (...args: string[]) =>
    spawnSync('git', ['push', ...args, 'origin', 'main'], { cwd: repo.root, env, encoding: 'utf8' })
  const stopped = push()
  expect(stopped.status).not.toBe(0)
  expect(stopped.stderr).toContain('To push all the same: git push --no-verify')
  expect(calls()).toEqual([expect.stringMatching(/ check$/)])
  const head = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: repo.root, encoding: 'utf8' }).trim()
  await pushAtomic(openGit(repo.root), 'origin', [{ src: head, dst: 'refs/heads/other', expect: null }])
  expect(calls()).toHaveLength(1)
  expect(push('--no-verify').status).toBe(0)
})

test('what is asked for together is written together', async () => {
  const { data } = await init(at().context, [], { hooks: true, schedule: 'cron', ci: true })
  expect(data['written']).toEqual([
    '.github/workflows/release.yml',
    expect.stringMatching(/\.cron$/),
    '.git/hooks/pre-push',
  ])
})

test('a hook that somebody else wrote is left as it is, and a dry run writes none', async () => {
  const { repo, context } = at()
  const dry = await init({ ...context, dryRun: true }, [], { hooks: true })
  expect(dry.lines.join('\n')).toMatch(/Would write \.git\/hooks\/pre-push[^]*check/)
  mkdirSync(join(repo.root, '.git/hooks'), { recursive: true })
  const hook = join(repo.root, '.git/hooks/pre-push')
  writeFileSync(hook, '#!/bin/sh\nnpm test\n')
  chmodSync(hook, 0o755)
  await expect(init(context, [], { hooks: true })).rejects.toMatchObject({ exit: 2 })
  expect(readFileSync(hook, 'utf8')).toContain('npm test')
})

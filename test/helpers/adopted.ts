import { cpSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { onTestFinished } from 'vitest'
import { demoEnv, git } from '../../src/demo/git.ts'
import { makeHost } from '../../src/demo/host.ts'
import { serve } from '../../src/demo/server.ts'
import { built } from './built.ts'
import type { Said } from './operator.ts'
import { temporaryFolder } from './temp.ts'

/**
 * A fixture and what git knows of it besides its files: its branch, its tags, and the page that its host stamps and serves.
 * `files` stand for a fixture of that name.
 */
type Fixture = {
  name: string
  branch?: string
  tags?: readonly string[]
  page: string
  files?: Readonly<Record<string, string>>
}

export type Adopted = Awaited<ReturnType<typeof adopted>>

const PROJECTS = fileURLToPath(new URL('../fixtures/projects', import.meta.url))
/** Where fixtures say production is; every project is told its own. */
const SITE = 'https://site.invalid'

/**
 * One of `test/fixtures/projects` as a team has it: a clone with a remote whose hook publishes what is pushed, and a server on
 * 127.0.0.1. A leading `_` stands for the dot of names that git, or a tool, would otherwise take for ours; `*.db.sql` is a database.
 */
export async function adopted({ name, branch = 'main', tags = [], page, files }: Fixture) {
  const dir = temporaryFolder()
  const [root, remote, site] = [join(dir, name), join(dir, `${name}.git`), join(dir, 'site')]
  const env = demoEnv()
  mkdirSync(site)
  const server = await serve(site, root, 0)
  onTestFinished(() => server.close())
  furnish(name, root, server.url, files)
  const sh = (...args: string[]) => git(root, env, args)
  const init = ['-c', `init.defaultBranch=${branch}`, '-c', 'init.templateDir=', 'init', '--quiet']
  await git(dir, env, [...init, '--bare', remote])
  await sh(...init)
  for (const [key, value] of Object.entries({ 'user.name': 'ana', 'user.email': 'ana@team.example', 'gc.auto': '0' }))
    await sh('config', key, value)
  await sh('remote', 'add', 'origin', remote)
  await sh('add', '--all')
  await sh('commit', '--quiet', '-m', 'As it was before')
  for (const tag of tags) await sh('tag', tag)
  await sh('push', '--quiet', '--tags', '-u', 'origin', branch)
  await makeHost(remote, site, env, await sh('rev-parse', 'HEAD'), { branch, page })
  const kg = async (args: string[]): Promise<Said> => {
    const [program = '', ...rest] = built(...args)
    const options = { cwd: root, env, extendEnv: false, reject: false, stdin: 'ignore' } as const
    const { exitCode: exit, stdout: out, stderr: err } = await execa(program, rest, options)
    return { exit, out, err, json: args.includes('--json') ? JSON.parse(out) : {} }
  }
  /** What production serves, after the host's own delay. */
  const live = async () => await (await fetch(`${server.url}/${page}`)).text()
  return { name, root, env, sh, kg, live }
}

function furnish(name: string, root: string, url: string, files?: Fixture['files']): void {
  if (files === undefined) cpSync(join(PROJECTS, name), root, { recursive: true })
  for (const [path, text] of Object.entries(files ?? {})) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const paths = globSync('**/_*', { cwd: root }).toSorted((a, b) => b.length - a.length)
  for (const path of paths) renameSync(join(root, path), join(root, dirname(path), basename(path).replace('_', '.')))
  for (const path of globSync('**/*.db.sql', { cwd: root })) {
    const database = new DatabaseSync(join(root, path.replace(/\.sql$/, '')))
    database.exec(readFileSync(join(root, path), 'utf8'))
    database.close()
    rmSync(join(root, path))
  }
  for (const path of globSync('**/*.{sh,json,toml}', { cwd: root })) {
    const text = readFileSync(join(root, path), 'utf8')
    if (text.includes(SITE)) writeFileSync(join(root, path), text.replaceAll(SITE, url))
  }
}

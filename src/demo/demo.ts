import { mkdir, mkdtemp, readdir, realpath, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UserError } from '../core/failure.ts'
import { now as present } from '../world/clock.ts'
import { legacyAudit } from './audit-lines.ts'
import { makeBaseline } from './baseline.ts'
import { makeDatabase } from './database.ts'
import { makeEarlierBackups } from './earlier-backups.ts'
import { removeNow, removeWithProcess } from './ending.ts'
import { demoEnv, git } from './git.ts'
import { writeHistory } from './history.ts'
import type { History } from './history.ts'
import { makeHost } from './host.ts'
import { CLONE, FOLDER_PREFIX, removeDemo, removeLeftovers } from './leftovers.ts'
import { isAbandoned, markOwned } from './owner.ts'
import { serve } from './server.ts'
import { settings } from './settings.ts'

/** A throwaway production on this machine. */
export type Demo = {
  /** The folder that holds all of it. */
  dir: string
  /** The site's clone: where the release manager works, and where Knowngood is run. */
  root: string
  /** The bare repository whose hook publishes main. */
  remote: string
  /** Where the site is served, without a slash at the end. */
  url: string
  /** The whole environment for programs that work on the demo; nothing of the person's git settings. */
  env: Record<string, string>
  /** Ends the server and what the demo started, and removes the folder. Safe to call twice. */
  stop(): Promise<void>
}

export type DemoOptions = {
  /** An empty or missing folder; without it, a new one in the system's temporary folder. */
  dir?: string
  /** The same seed asks for the same port, so that pictures can be repeated; a taken port is replaced. */
  seed?: number
  /** When the story ends. The same day gives the same commits. */
  now?: Date
}

/**
 * Makes the demo: a bare remote that publishes what is pushed, a site with five weeks of history and four releases,
 * an SQLite database, logs and backups from before Knowngood, a baseline, and a server on 127.0.0.1 that lives in this process.
 * What earlier demos left that were killed is removed first. The folder goes when this process ends.
 */
export async function makeDemo(options: DemoOptions = {}): Promise<Demo> {
  await removeLeftovers()
  const at = options.now ?? present()
  const dir = await folderFor(options.dir)
  removeWithProcess(dir)
  try {
    return await furnish(dir, at, options)
  } catch (error) {
    await removeNow(dir)
    throw error
  }
}

async function folderFor(wanted: string | undefined): Promise<string> {
  if (wanted === undefined) {
    const dir = await realpath(await mkdtemp(join(tmpdir(), FOLDER_PREFIX)))
    markOwned(dir)
    return dir
  }
  if (isAbandoned(wanted)) removeDemo(wanted)
  await mkdir(wanted, { recursive: true, mode: 0o700 })
  if ((await readdir(wanted)).length > 0) {
    throw new UserError(`The demo cannot use ${wanted}`, 'the folder is not empty', ['Name an empty or a new folder.'])
  }
  const dir = await realpath(wanted)
  markOwned(dir)
  return dir
}

async function furnish(dir: string, at: Date, options: DemoOptions): Promise<Demo> {
  const root = join(dir, CLONE)
  const remote = join(dir, 'remote.git')
  const site = join(dir, 'site')
  const env = demoEnv(options.now === undefined ? {} : { KNOWNGOOD_NOW: at.toISOString() })
  await mkdir(root)
  const history = await makeRepositories(root, remote, env, at)
  await makeHost(remote, site, env, history.live)
  const server = await serve(site, root, options.seed === undefined ? 0 : 20_000 + (Math.abs(options.seed) % 10_000))
  await writeFile(join(root, 'knowngood.yaml'), settings(server.url))
  await writeFile(join(root, '.verification_audit.log'), legacyAudit(history.releases), { mode: 0o600 })
  await makeDatabase(root, history.migrations, at)
  await makeEarlierBackups(root, env, at, history)
  await makeBaseline(root, env, at, history)
  const stop = async (): Promise<void> => {
    await server.close()
    await removeNow(dir)
  }
  return { dir, root, remote, url: server.url, env, stop }
}

/** The clone at the tip of the story, and a remote that stands where the last release left it. */
async function makeRepositories(root: string, remote: string, env: Record<string, string>, at: Date): Promise<History> {
  const init = ['-c', 'init.defaultBranch=main', '-c', 'init.templateDir=', 'init', '--quiet']
  await git(root, env, [...init, '--bare', remote])
  await git(root, env, init)
  const history = await writeHistory(root, env, at)
  const config = [
    ['user.name', 'ana'],
    ['user.email', 'ana@mosaic.example'],
    ['remote.origin.url', remote],
    ['remote.origin.fetch', '+refs/heads/*:refs/remotes/origin/*'],
    ['branch.main.remote', 'origin'],
    ['branch.main.merge', 'refs/heads/main'],
    ['gc.auto', '0'],
  ]
  await writeFile(join(root, '.git', 'config'), configText(config), { flag: 'a' })
  await mkdir(join(root, '.git', 'info'), { recursive: true })
  await writeFile(
    join(root, '.git', 'info', 'exclude'),
    '# The address in it changes with every demo.\nknowngood.yaml\nimmaculate/\n',
  )
  await git(root, env, [
    'push',
    '--quiet',
    'origin',
    `${history.live}:refs/heads/main`,
    `${history.live}:refs/heads/prod-current`,
    'refs/tags/*',
  ])
  await git(root, env, ['reset', '--quiet', '--hard', 'main'])
  return history
}

function configText(values: readonly (readonly string[])[]): string {
  return values
    .map(([key = '', value = '']) => {
      const [section = '', ...rest] = key.split('.')
      const name = rest.pop() ?? ''
      const heading = rest.length === 0 ? `[${section}]` : `[${section} "${rest.join('.')}"]`
      return `${heading}\n\t${name} = "${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"\n`
    })
    .join('')
}

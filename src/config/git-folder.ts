import { readFile, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { UserError } from '../core/failure.ts'

/** What git's own files say, read without starting git: this is on the way to the first screen. */
export type GitFolder = {
  remotes: Record<string, string>
  checkedOut: string | null
  remoteHead(remote: string): Promise<string | null>
  hasRemoteBranch(remote: string, branch: string): Promise<boolean>
}

/**
 * The top level of the working tree that holds `cwd`; a worktree's or submodule's own top level when it is in one.
 * Works in a repository without commits. Throws a UserError (exit 2) outside of one.
 */
export async function findRoot(cwd: string): Promise<string> {
  let folder = await realpath(cwd).catch(() => {
    throw new UserError(`${cwd} is not there`, 'it was moved or removed', ['cd into the project again.'])
  })
  for (;;) {
    if ((await gitDirOf(folder)) !== null) return folder
    if (await looksBare(folder)) {
      throw new UserError('This is a bare repository', 'it has no working tree', [
        'Go to a clone of it: git clone PATH, then cd into it.',
      ])
    }
    const above = dirname(folder)
    if (above === folder) break
    folder = above
  }
  throw new UserError('This is not a git repository', `${cwd} and the folders above it have no .git`, [
    'cd into the project, or name it: knowngood -C PATH …',
    'A new project: git init, then knowngood init.',
    'Just looking: knowngood demo',
  ])
}

/** Reads the repository at `root`; every part it cannot make out is empty, never an error. */
export async function readGitFolder(root: string): Promise<GitFolder> {
  const dir = (await gitDirOf(root)) ?? join(root, '.git')
  const common = resolve(dir, (await text(join(dir, 'commondir')))?.trim() ?? '.')
  const packed = async () => (await text(join(common, 'packed-refs'))) ?? ''
  return {
    remotes: remotesOf((await text(join(common, 'config'))) ?? ''),
    checkedOut: branchOf(await text(join(dir, 'HEAD')), 'refs/heads/'),
    remoteHead: async (remote) =>
      branchOf(await text(join(common, 'refs/remotes', remote, 'HEAD')), `refs/remotes/${remote}/`),
    async hasRemoteBranch(remote, branch) {
      const ref = `refs/remotes/${remote}/${branch}`
      return (
        (await text(join(common, ref))) !== null ||
        (await packed()).split('\n').some((line) => line.endsWith(` ${ref}`))
      )
    },
  }
}

/** The name a repository goes by: its remote's last part, else its folder. */
export function repositoryName(root: string, url: string | undefined): string {
  const last =
    url
      ?.replace(/[/\\]+$/, '')
      .split(/[/\\:]/)
      .at(-1)
      ?.replace(/\.git$/, '') ?? ''
  const slugged = (last === '' ? basename(root) : last)
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64)
  return slugged === '' ? 'project' : slugged
}

async function gitDirOf(folder: string): Promise<string | null> {
  const path = join(folder, '.git')
  const found = await stat(path).catch(() => null)
  if (found?.isDirectory()) return (await stat(join(path, 'HEAD')).catch(() => null)) === null ? null : path
  if (!found?.isFile()) return null
  const target = /^gitdir: (.+)$/m.exec((await text(path)) ?? '')?.[1]?.trim()
  return target === undefined ? null : resolve(folder, target)
}

async function looksBare(folder: string): Promise<boolean> {
  if (basename(folder) === '.git') return false
  const parts = await Promise.all(['HEAD', 'objects', 'refs'].map((part) => stat(join(folder, part)).catch(() => null)))
  return parts[0]?.isFile() === true && parts[1]?.isDirectory() === true && parts[2]?.isDirectory() === true
}

/** `.invalid` is what a repository with another ref store writes into its HEAD file. */
function branchOf(head: string | null, prefix: string): string | null {
  const ref = /^ref: (.+)$/m.exec(head ?? '')?.[1]?.trim() ?? ''
  const branch = ref.startsWith(prefix) ? ref.slice(prefix.length) : ''
  return branch === '' || branch === '.invalid' ? null : branch
}

function remotesOf(config: string): Record<string, string> {
  const remotes: Record<string, string> = {}
  let remote: string | undefined
  for (const line of config.split(/\r?\n/)) {
    if (/^\s*\[/.test(line)) remote = /^\s*\[remote "([^"]+)"\]/i.exec(line)?.[1]
    const url = /^\s*url\s*=\s*(.*?)\s*$/i.exec(line)?.[1]
    if (remote !== undefined && url !== undefined) remotes[remote] ??= url.replaceAll('"', '')
  }
  return remotes
}

async function text(path: string): Promise<string | null> {
  return await readFile(path, 'utf8').catch(() => null)
}

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'
import { openGit } from '../../src/world/git.ts'
import type { Git } from '../../src/world/git.ts'

const made: string[] = []

afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
})

/** A folder of the test's own, gone afterwards. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'knowngood-test-')))
  made.push(folder)
  return folder
}

/** Plain git, as the operator's shell would run it, with a fixed identity. */
export function sh(cwd: string, ...args: string[]): string {
  const env = {
    PATH: process.env['PATH'],
    HOME: cwd,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Ana',
    GIT_AUTHOR_EMAIL: 'ana@mosaic.example',
    GIT_COMMITTER_NAME: 'Ana',
    GIT_COMMITTER_EMAIL: 'ana@mosaic.example',
  }
  return execFileSync('git', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
}

export type Repository = {
  git: Git
  root: string
  remote: string
  sh(...args: string[]): string
  write(path: string, text: string): void
  /** Commits these files on what is checked out and gives the commit's id. */
  commit(subject: string, files?: Record<string, string>): string
  /** Another clone of the same remote: a second operator. */
  clone(): Repository
}

/** A repository on `main` with one commit, pushed to a bare remote called `origin`. */
export function repository(): Repository {
  const folder = temporaryFolder()
  const remote = join(folder, 'origin.git')
  const root = join(folder, 'work')
  mkdirSync(root)
  sh(folder, 'init', '--quiet', '--bare', '--initial-branch=main', remote)
  sh(root, 'init', '--quiet', '--initial-branch=main')
  sh(root, 'remote', 'add', 'origin', remote)
  const repo = at(root, remote)
  repo.commit('First page', { 'index.html': '<!-- BUILD_ID:dev -->\n' })
  sh(root, 'push', '--quiet', 'origin', 'main')
  sh(root, 'fetch', '--quiet')
  return repo
}

function at(root: string, remote: string): Repository {
  const repo: Repository = {
    git: openGit(root),
    root,
    remote,
    sh: (...args) => sh(root, ...args),
    write: (path, text) => {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    },
    commit: (subject, files = { 'index.html': `${subject}\n` }) => {
      for (const [path, text] of Object.entries(files)) repo.write(path, text)
      sh(root, 'add', '--all')
      sh(root, 'commit', '--quiet', '--allow-empty', '-m', subject)
      return sh(root, 'rev-parse', 'HEAD')
    },
    clone: () => {
      const other = join(temporaryFolder(), 'work')
      sh(dirname(other), 'clone', '--quiet', remote, other)
      return at(other, remote)
    },
  }
  return repo
}

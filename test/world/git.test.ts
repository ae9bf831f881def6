import { chmodSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { GitFailed, openGit } from '../../src/world/git.ts'
import { commitsBetween, countApart } from '../../src/world/git-history.ts'
import { pushAtomic } from '../../src/world/git-push.ts'
import { readRefs } from '../../src/world/git-refs.ts'
import { fetchRemote, readRemoteRef } from '../../src/world/git-remote.ts'
import { readStatus } from '../../src/world/git-status.ts'
import { addWorktree, removeWorktree, worktreeAt } from '../../src/world/git-worktree.ts'
import { repository, temporaryFolder } from '../helpers/repository.ts'

afterEach(() => vi.unstubAllEnvs())

describe('running git', () => {
  test('a failure carries the exit code and what git said', async () => {
    const { git } = repository()
    await expect(git.raw(['fetch', 'nowhere'])).rejects.toMatchObject({
      code: 128,
      message: expect.stringContaining("'nowhere'"),
    })
    await expect(git.raw(['merge-base', '--is-ancestor', 'HEAD', 'HEAD~1'])).rejects.toBeInstanceOf(GitFailed)
  })

  test('is not sent to another repository by the variables of a hook', async () => {
    const { git, root } = repository()
    vi.stubEnv('GIT_DIR', '/nonexistent')
    vi.stubEnv('GIT_INDEX_FILE', '/nonexistent')
    expect((await git.raw(['rev-parse', '--show-toplevel'])).trim()).toBe(root)
  })

  test('bears with what an operator may have in the environment', async () => {
    const { git, sh } = repository()
    const odd = {
      EDITOR: 'vi',
      VISUAL: 'vi',
      PAGER: 'less',
      PREFIX: '/usr',
      GIT_EDITOR: 'vi',
      GIT_PAGER: 'less',
      GIT_TEMPLATE_DIR: '/x',
      GIT_TRACE: '1',
      GIT_SSH_COMMAND: 'ssh -v',
      GIT_SSH: 'ssh',
      GIT_ASKPASS: 'x',
      SSH_ASKPASS: 'x',
      GIT_CONFIG_COUNT: '2',
      GIT_CONFIG_KEY_0: 'url.https://x/.insteadOf',
      GIT_CONFIG_VALUE_0: 'y:',
      GIT_CONFIG_KEY_1: 'core.sshCommand',
      GIT_CONFIG_VALUE_1: 'ssh',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_PROXY_COMMAND: 'x',
      GIT_EXTERNAL_DIFF: 'x',
      GIT_MERGE_AUTOEDIT: 'no',
      GIT_AUTHOR_NAME: 'Ben',
    }
    for (const [name, value] of Object.entries(odd)) vi.stubEnv(name, value)
    expect((await git.raw(['rev-parse', 'HEAD'])).trim()).toBe(sh('rev-parse', 'HEAD'))
    expect(await readRemoteRef(git, 'origin', 'refs/heads/main')).toBe(sh('rev-parse', 'HEAD'))
    await pushAtomic(git, 'origin', [{ src: sh('rev-parse', 'HEAD'), dst: 'refs/heads/other', expect: null }])
  })

  test('bears with what an operator may have configured', async () => {
    const { git, sh, commit, root } = repository()
    for (const [name, value] of Object.entries({
      'color.ui': 'always',
      'status.showUntrackedFiles': 'no',
      'push.default': 'nothing',
      'push.followTags': 'true',
      'fetch.prune': 'true',
      'log.showSignature': 'true',
      'log.date': 'relative',
      'column.ui': 'always',
      'core.abbrev': '4',
      'format.pretty': 'oneline',
      'core.hooksPath': '/nonexistent',
      'status.relativePaths': 'true',
      'diff.noprefix': 'true',
      'log.decorate': 'full',
      'core.quotePath': 'true',
    }))
      sh('config', name, value)
    const base = sh('rev-parse', 'HEAD')
    const next = commit('Zürich')
    writeFileSync(join(root, 'ü.txt'), '')
    expect(await readStatus(git)).toEqual({ branch: 'main', dirty: ['ü.txt'] })
    expect(await commitsBetween(git, base, next)).toMatchObject([{ oid: next, subject: 'Zürich' }])
    expect(await countApart(git, base, next)).toEqual({ left: 0, right: 1 })
    sh('tag', '-a', 'mine', '-m', 'not to be pushed')
    await pushAtomic(git, 'origin', [{ src: next, dst: 'refs/heads/main', expect: base }])
    expect(await readRemoteRef(git, 'origin', 'refs/tags/mine')).toBeNull()
    expect(await fetchRemote(git, 'origin')).toEqual({ movedTags: [] })
  })

  test('that cannot be run at all says so', async () => {
    const { git } = repository()
    await expect(openGit('/nonexistent').raw(['status'])).rejects.toThrow(/no folder \/nonexistent/)
    vi.stubEnv('PATH', '/nonexistent')
    await expect(git.raw(['status'])).rejects.toThrow(/git was not found/)
  })

  test('ends when it is told to, and when its time is up', async () => {
    const { git, sh } = repository()
    sh('config', 'alias.wait', '!exec sleep 5')
    const stop = AbortSignal.timeout(80)
    await expect(git.raw(['wait'], { signal: stop })).rejects.toMatchObject({ code: 130 })
    await expect(git.raw(['wait'], { timeoutMs: 80 })).rejects.toMatchObject({ code: 124 })
  })
})

describe('worktrees', () => {
  test('come clean from a commit, run no hook, and go without a trace', async () => {
    const { git, root, write, commit, sh } = repository()
    const oid = commit('Second', { 'a file.txt': 'two' })
    write('a file.txt', 'uncommitted')
    write('.git/hooks/post-checkout', '#!/bin/sh\ntouch hooked\n')
    chmodSync(join(root, '.git/hooks/post-checkout'), 0o755)
    const path = join(temporaryFolder(), 'tree')
    await addWorktree(git, path, oid)
    expect(readdirSync(path).toSorted()).toEqual(['.git', 'a file.txt', 'index.html'])
    expect(await worktreeAt(git, path)).toBe(oid)
    expect(sh('status', '--porcelain')).toBe('M "a file.txt"')
    await removeWorktree(git, path)
    expect(existsSync(path)).toBe(false)
    expect(await worktreeAt(git, path)).toBeNull()
    expect(sh('worktree', 'list').split('\n')).toHaveLength(1)
    await removeWorktree(git, path)
  })

  test('half-made ones are removed, others are left alone', async () => {
    const { git, root, sh } = repository()
    const oid = sh('rev-parse', 'HEAD')
    const folder = temporaryFolder()
    for (const name of ['away', 'half']) await addWorktree(git, join(folder, name), oid)
    rmSync(join(folder, 'away'), { recursive: true })
    rmSync(join(folder, 'half/.git'))
    writeFileSync(join(root, '.git/worktrees/half/locked'), 'initializing')
    await removeWorktree(git, join(folder, 'half'))
    expect(readdirSync(join(root, '.git/worktrees'))).toEqual(['away'])
    await addWorktree(git, join(folder, 'half'), oid)
    expect(await worktreeAt(git, join(folder, 'half'))).toBe(oid)
  })
})

describe('the working tree', () => {
  test('is dirty by the team’s work only, and is told apart from ours', async () => {
    const { git, write, sh } = repository()
    write('backups/quick/quick-backup-1.json', '{}')
    write('.knowngood/runs/x/journal.jsonl', '')
    write('.verification_audit.log', '')
    expect(await readStatus(git)).toEqual({ branch: 'main', dirty: [] })
    write('new file.txt', 'x')
    write('zurück/ü.txt', 'x')
    sh('mv', 'index.html', 'page one.html')
    sh('commit', '--quiet', '-m', 'Renamed')
    sh('mv', 'page one.html', 'page two.html')
    sh('checkout', '--quiet', '--detach')
    expect(await readStatus(git)).toEqual({ branch: null, dirty: ['page two.html', 'new file.txt', 'zurück/'] })
  })

  test('is read in a repository without commits', async () => {
    const { sh } = await import('../helpers/repository.ts')
    const folder = temporaryFolder()
    sh(folder, 'init', '--quiet', '--initial-branch=main')
    expect(await readStatus(openGit(folder))).toEqual({ branch: 'main', dirty: [] })
    expect(await readRefs(openGit(folder), ['refs/heads'])).toEqual([])
  })
})

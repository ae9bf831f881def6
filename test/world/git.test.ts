import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { commitTree, emptyTree, gitIdentity, makeTagObject, treeOf } from '../../src/world/git-commit.ts'
import { GitFailed, openGit } from '../../src/world/git.ts'
import { commitsBetween, countApart, hasCommit, isAncestor, readCommit, showFile } from '../../src/world/git-history.ts'
import { PushRefused, pushAtomic } from '../../src/world/git-push.ts'
import { deleteRef, isRefName, readRef, readRefs, resolveCommit, updateRef } from '../../src/world/git-refs.ts'
import { fetchRemote, readRemoteRef, readRemoteRefs, remoteUrl } from '../../src/world/git-remote.ts'
import { readStatus } from '../../src/world/git-status.ts'
import { addWorktree, removeWorktree, worktreeAt } from '../../src/world/git-worktree.ts'
import { repository, temporaryFolder } from '../helpers/repository.ts'

const by = { name: 'Ana', email: 'ana@mosaic.example', at: '2026-11-21T12:00:00.000Z' }
const hostile = '--output=pwn'

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

describe('refs', () => {
  test('are read whole in one go, messages and hostile names included', async () => {
    const { git, sh } = repository()
    sh('tag', '-a', 'prod-2026-11-20', '-m', 'Second release', '-m', 'Backup: quick-1\nline two')
    sh('tag', 'light')
    sh('update-ref', `refs/heads/${hostile}`, 'HEAD')
    sh('tag', '-a', 'a-tree', '-m', 'odd', 'HEAD^{tree}')
    const head = sh('rev-parse', 'HEAD')
    const refs = await readRefs(git, ['refs/tags', 'refs/heads'])
    const named = Object.fromEntries(refs.map((ref) => [ref.ref, ref]))
    expect(named['refs/tags/prod-2026-11-20']).toMatchObject({
      kind: 'tag',
      commit: head,
      by: 'Ana',
      subject: 'Second release',
      message: 'Second release\n\nBackup: quick-1\nline two\n',
    })
    expect(named['refs/tags/light']).toMatchObject({ kind: 'commit', oid: head, commit: head })
    expect(named['refs/tags/a-tree']).toMatchObject({ commit: null })
    expect(named[`refs/heads/${hostile}`]).toMatchObject({ commit: head, subject: 'First page' })
    expect(refs).toHaveLength(5)
  })

  test('move only from where they were expected', async () => {
    const { git, sh, commit } = repository()
    const first = sh('rev-parse', 'HEAD')
    const second = commit('Second')
    await updateRef(git, 'refs/knowngood/undo/x', first, null)
    await expect(updateRef(git, 'refs/knowngood/undo/x', second, null)).rejects.toBeInstanceOf(GitFailed)
    await updateRef(git, 'refs/knowngood/undo/x', second, first)
    await expect(deleteRef(git, 'refs/knowngood/undo/x', first)).rejects.toBeInstanceOf(GitFailed)
    await deleteRef(git, 'refs/knowngood/undo/x', second)
    expect(await readRef(git, 'refs/knowngood/undo/x')).toBeNull()
  })

  test('names that people type are resolved as names only', async () => {
    const { git, sh, root } = repository()
    const head = sh('rev-parse', 'HEAD')
    sh('update-ref', `refs/tags/${hostile}`, 'HEAD')
    expect(await resolveCommit(git, head.slice(0, 8))).toBe(head)
    expect(await resolveCommit(git, hostile)).toBe(head)
    expect(await resolveCommit(git, '--all')).toBeNull()
    expect(await resolveCommit(git, 'no such thing')).toBeNull()
    expect(existsSync(join(root, 'pwn'))).toBe(false)
    expect(await isRefName(git, `refs/tags/${hostile}`)).toBe(true)
    expect(await isRefName(git, 'refs/tags/with space')).toBe(false)
  })
})

describe('the remote', () => {
  test('is asked for exact refs', async () => {
    const { git, sh, remote } = repository()
    sh('push', '--quiet', 'origin', 'HEAD:refs/heads/other/refs/heads/main')
    const head = sh('rev-parse', 'HEAD')
    expect(await readRemoteRef(git, 'origin', 'refs/heads/main')).toBe(head)
    expect(await readRemoteRef(git, 'origin', 'refs/heads/gone')).toBeNull()
    expect([...(await readRemoteRefs(git, 'origin', ['refs/heads/main', 'refs/tags/x'])).keys()]).toEqual([
      'refs/heads/main',
    ])
    expect(await remoteUrl(git, 'origin')).toBe(remote)
    expect(await remoteUrl(git, 'nowhere')).toBeNull()
  })

  test('is fetched without pruning, and names tags that moved', async () => {
    const ana = repository()
    const ben = ana.clone()
    ana.sh('tag', '-a', 'prod-1', '-m', 'one')
    ana.sh('push', '--quiet', 'origin', 'prod-1')
    ben.sh('fetch', '--quiet', '--tags')
    ben.sh('tag', 'mine')
    ben.sh('config', 'fetch.prune', 'true')
    ben.sh('config', 'fetch.pruneTags', 'true')
    const next = ana.commit('Second')
    ana.sh('tag', '-f', '-a', 'prod-1', '-m', 'moved')
    ana.sh('push', '--quiet', '--force', 'origin', 'main', 'prod-1')
    const before = ben.sh('rev-parse', 'prod-1')
    const fetched = statSync(join(ben.root, '.git/FETCH_HEAD')).mtimeMs
    expect(await fetchRemote(ben.git, 'origin')).toEqual({ movedTags: ['prod-1'] })
    expect(ben.sh('rev-parse', 'origin/main')).toBe(next)
    expect(ben.sh('rev-parse', 'prod-1')).toBe(before)
    expect(ben.sh('tag', '-l', 'mine')).toBe('mine')
    expect(statSync(join(ben.root, '.git/FETCH_HEAD')).mtimeMs).toBe(fetched)
  })

  test('fault 63: takes all of a push or nothing of it', async () => {
    const ana = repository()
    const ben = ana.clone()
    const base = ana.sh('rev-parse', 'HEAD')
    const rival = ben.commit('Rival')
    ben.sh('push', '--quiet', 'origin', 'main')
    const mine = ana.commit('Mine')
    const push = pushAtomic(ana.git, 'origin', [
      { src: mine, dst: 'refs/tags/prod-1', expect: null },
      { src: mine, dst: 'refs/heads/main', expect: base },
    ])
    await expect(push).rejects.toBeInstanceOf(PushRefused)
    await expect(push).rejects.toMatchObject({ refs: [{ ref: 'refs/heads/main', why: 'stale info' }] })
    expect(await readRemoteRef(ana.git, 'origin', 'refs/tags/prod-1')).toBeNull()
    expect(await readRemoteRef(ana.git, 'origin', 'refs/heads/main')).toBe(rival)

    await pushAtomic(ana.git, 'origin', [
      { src: mine, dst: 'refs/heads/main', expect: rival },
      { src: mine, dst: `refs/heads/${hostile}`, expect: null },
    ])
    await pushAtomic(ana.git, 'origin', [{ src: null, dst: `refs/heads/${hostile}`, expect: mine }])
    expect(await readRemoteRef(ana.git, 'origin', 'refs/heads/main')).toBe(mine)
  })

  test("runs the remote's hooks and the team's own for its branch, none for refs of ours", async () => {
    const { git, root, remote, commit, sh } = repository()
    for (const [file, text] of [
      [join(remote, 'hooks/post-receive'), '#!/bin/sh\ncat > received\n'],
      [join(root, '.git/hooks/pre-push'), '#!/bin/sh\necho not today >&2; exit 1\n'],
    ] as const) {
      mkdirSync(join(file, '..'), { recursive: true })
      writeFileSync(file, text)
      chmodSync(file, 0o755)
    }
    const base = sh('rev-parse', 'HEAD')
    const next = commit('Next')
    const update = { src: next, dst: 'refs/heads/main', expect: base }
    await expect(pushAtomic(git, 'origin', [update])).rejects.toMatchObject({
      output: expect.arrayContaining(['not today']),
    })
    await pushAtomic(git, 'origin', [{ src: next, dst: 'refs/knowngood/backups/b', expect: null }])
    await pushAtomic(git, 'origin', [update], { hooks: false })
    expect(existsSync(join(remote, 'received'))).toBe(true)
  })

  test('says in words why it refused', async () => {
    const { git, remote, commit, sh } = repository()
    const hook = join(remote, 'hooks/pre-receive')
    mkdirSync(join(hook, '..'), { recursive: true })
    writeFileSync(hook, '#!/bin/sh\necho frozen until Monday >&2\nexit 1\n')
    chmodSync(hook, 0o755)
    const base = sh('rev-parse', 'HEAD')
    const push = pushAtomic(git, 'origin', [{ src: commit('Next'), dst: 'refs/heads/main', expect: base }])
    await expect(push).rejects.toMatchObject({ refs: [{ ref: 'refs/heads/main', why: 'pre-receive hook declined' }] })
    await expect(push).rejects.toMatchObject({
      output: expect.arrayContaining([expect.stringContaining('frozen until Monday')]),
    })
  })
})

describe('commits and tags', () => {
  test('made of the same words are the same objects, whatever the operator signs with', async () => {
    const { git, sh, commit } = repository()
    sh('config', 'commit.gpgSign', 'true')
    sh('config', 'tag.gpgSign', 'true')
    sh('config', 'gpg.program', '/bin/false')
    sh('config', 'i18n.commitEncoding', 'ISO-8859-1')
    const first = sh('rev-parse', 'HEAD')
    sh('config', 'commit.gpgSign', 'false')
    const second = commit('Second')
    sh('config', 'commit.gpgSign', 'true')
    const spec = { tree: await treeOf(git, first), parents: [second], message: 'Roll back to First page ✓', by }
    const back = await commitTree(git, spec)
    expect(await commitTree(git, spec)).toBe(back)
    expect(await showFile(git, back, 'index.html')).toBe('<!-- BUILD_ID:dev -->\n')
    expect(await readCommit(git, back)).toEqual({
      oid: back,
      subject: 'Roll back to First page ✓',
      at: '2026-11-21T12:00:00+00:00',
      author: 'Ana',
    })

    const tag = {
      name: 'prod-2026-11-21',
      commit: back,
      message: 'Release\n\n# kept\n\n  Backup: quick-1',
      by: { ...by, name: 'A <n> a' },
    }
    const oid = await makeTagObject(git, tag)
    expect(await makeTagObject(git, tag)).toBe(oid)
    await updateRef(git, 'refs/tags/prod-2026-11-21', oid, null)
    expect((await readRefs(git, ['refs/tags']))[0]).toMatchObject({
      oid,
      commit: back,
      message: 'Release\n\n# kept\n\n  Backup: quick-1\n',
      by: 'A n a',
    })
  })

  test('are counted and listed', async () => {
    const { git, sh, commit } = repository()
    const first = sh('rev-parse', 'HEAD')
    commit('Second')
    const third = commit('Third: $(touch pwn) \u001b[31m')
    expect(await isAncestor(git, first, third)).toBe(true)
    expect(await isAncestor(git, third, first)).toBe(false)
    expect(await isAncestor(git, 'f'.repeat(40), first)).toBe(false)
    expect(await countApart(git, first, third)).toEqual({ left: 0, right: 2 })
    expect((await commitsBetween(git, first, third)).map(({ subject }) => subject)).toEqual([
      'Third: $(touch pwn) \u001b[31m',
      'Second',
    ])
    expect(await hasCommit(git, third)).toBe(true)
    expect(await hasCommit(git, 'f'.repeat(40))).toBe(false)
    expect(await readCommit(git, 'f'.repeat(40))).toBeNull()
    expect(await showFile(git, third, 'nope.json')).toBeNull()
    expect(await emptyTree(git)).toBe('4b825dc642cb6eb9a060e54bf8d69288fbee4904')
  })

  test('name their maker as git would, and somebody where git would not', async () => {
    const { git, sh } = repository()
    sh('config', 'user.name', 'Ben')
    sh('config', 'user.email', 'ben@mosaic.example')
    expect(await gitIdentity(git)).toEqual({ name: 'Ben', email: 'ben@mosaic.example' })
    sh('config', '--unset', 'user.email')
    sh('config', 'user.useConfigOnly', 'true')
    vi.stubEnv('HOME', '/nonexistent')
    vi.stubEnv('KNOWNGOOD_OPERATOR', 'cleo')
    expect((await gitIdentity(git)).email).toContain('@')
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

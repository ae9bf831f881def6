import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findRoot, loadProject } from '../../src/config/load.ts'
import { repository, sh, temporaryFolder } from '../helpers/repository.ts'

describe('findRoot', () => {
  it('finds the top from a folder below, without commits too', async () => {
    const root = temporaryFolder()
    sh(root, 'init', '--quiet')
    mkdirSync(join(root, 'a/b'), { recursive: true })
    expect(await findRoot(join(root, 'a/b'))).toBe(root)
  })

  it("finds a worktree's and a submodule's own top", async () => {
    const repo = repository()
    const tree = join(temporaryFolder(), 'tree')
    repo.sh('worktree', 'add', '--quiet', '-b', 'other', tree)
    expect(await findRoot(tree)).toBe(tree)
    const outer = repository()
    outer.sh('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', repo.remote, 'inner')
    expect(await findRoot(join(outer.root, 'inner'))).toBe(join(outer.root, 'inner'))
  })

  it('says what to do outside of a repository and inside a bare one', async () => {
    await expect(findRoot(temporaryFolder())).rejects.toMatchObject({ exit: 2, what: 'This is not a git repository' })
    await expect(findRoot('/nowhere/at/all')).rejects.toMatchObject({ exit: 2 })
    await expect(findRoot(join(repository().remote, 'refs'))).rejects.toMatchObject({
      exit: 2,
      what: 'This is a bare repository',
    })
  })
})

describe('loadProject', () => {
  it('gives the same with no file and with an empty one', async () => {
    const { root } = repository()
    const bare = await loadProject(root, {})
    writeFileSync(join(root, 'knowngood.yaml'), '# nothing\n')
    expect(await loadProject(root, {})).toEqual({ ...bare, file: join(root, 'knowngood.yaml') })
    expect(bare).toMatchObject({
      project: 'origin',
      environment: 'production',
      git: { remote: 'origin', branch: 'main', current: 'prod-current', tag: 'prod-{date}' },
    })
    expect(bare.deploy.targets).toEqual([{ use: 'git-push' }])
  })

  it('releases the default branch of the remote, whatever is checked out', async () => {
    const repo = repository()
    repo.sh('switch', '--quiet', '-c', 'feature')
    expect((await loadProject(repo.root, {})).git.branch).toBe('main')
    repo.sh('pack-refs', '--all')
    expect((await loadProject(repo.root, {})).git.branch).toBe('main')
    repo.sh('checkout', '--quiet', '--detach')
    expect((await loadProject(repo.root, {})).git.branch).toBe('main')
    repo.sh('update-ref', 'refs/remotes/origin/live', 'HEAD')
    repo.sh('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/live')
    expect((await loadProject(repo.root, {})).git.branch).toBe('live')
  })

  it('without a remote releases what is checked out, and has no target', async () => {
    const root = temporaryFolder()
    sh(root, 'init', '--quiet', '--initial-branch=trunk')
    const project = await loadProject(root, {})
    expect(project.git.branch).toBe('trunk')
    expect(project.deploy.targets).toEqual([])
  })

  it('takes the only remote there is, whatever its name', async () => {
    const repo = repository()
    repo.sh('remote', 'rename', 'origin', 'upstream')
    const project = await loadProject(repo.root, {})
    expect(project.git.remote).toBe('upstream')
    expect(project.deploy.targets).toEqual([{ use: 'git-push' }])
  })

  it('reads a worktree of a repository with a remote', async () => {
    const repo = repository()
    const tree = join(temporaryFolder(), 'tree')
    repo.sh('worktree', 'add', '--quiet', '-b', 'other', tree)
    expect((await loadProject(tree, {})).git).toMatchObject({ remote: 'origin', branch: 'main' })
  })

  it('fills durations in and keeps the order of precedence', async () => {
    const { root } = repository()
    writeFileSync(
      join(root, 'knowngood.yaml'),
      'environment: staging\ngit: { branch: live }\ngate: { valid: 30d, checks: [{ id: a, run: [npm, test], timeout: 90s }] }\nverify: { timeout: 20s, checks: [{ url: "https://x.example/" }, { run: [./v.sh] }] }\n',
    )
    const project = await loadProject(root, { KNOWNGOOD_ENVIRONMENT: 'qa', KNOWNGOOD_BRANCH: '' })
    expect(project).toMatchObject({ environment: 'qa', git: { branch: 'live' } })
    expect(project.gate.validMs).toBe(30 * 86_400_000)
    expect(project.gate.checks).toEqual([{ id: 'a', title: 'a', run: ['npm', 'test'], timeoutMs: 90_000 }])
    expect(project.verify.checks).toEqual([
      { kind: 'url', url: 'https://x.example/', contains: null, status: 200, timeoutMs: 10_000 },
      { kind: 'run', run: ['./v.sh'], timeoutMs: 120_000 },
    ])
  })

  it('refuses a variable that is no name, and does not repeat its value', async () => {
    const { root } = repository()
    const wrong = loadProject(root, { KNOWNGOOD_BRANCH: '--output=pwn', KNOWNGOOD_REMOTE: 'https://u:hunter2@x/y' })
    await expect(wrong).rejects.toMatchObject({
      exit: 2,
      next: [expect.stringContaining('KNOWNGOOD_REMOTE'), expect.stringContaining('KNOWNGOOD_BRANCH')],
    })
    await expect(wrong).rejects.not.toThrow(/hunter2|pwn/)
  })
})

import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ignoreOwnFolders } from '../../src/commands/init-ignore.ts'
import { run } from '../../src/commands/init.ts'
import { loadProject } from '../../src/config/load.ts'
import { headless } from '../helpers/context.ts'
import { repository, sh, temporaryFolder } from '../helpers/repository.ts'

const init = async (root: string, more = {}) => await run(headless(root, more), [], {})

/** A repository as a team without Knowngood has it. */
function grown() {
  const repo = repository()
  repo.commit('Grow', {
    'package.json': JSON.stringify({
      version: '4.0.84',
      homepage: 'https://mosaic.example',
      scripts: {
        test: 'vitest run',
        lint: 'oxlint',
        check: 'npm run lint && npm run ship',
        ship: 'netlify deploy',
        build: 'vite build',
      },
    }),
    'mosaic_ui/index.html': '<html><!-- BUILD_ID:abc123 -->\r\n',
    'scripts/verify.sh': '#!/bin/sh\n# git push comes later\nnpm test\n',
    'scripts/run_deploy_gate.sh': 'read -p "did you look? " answer\n',
    'scripts/pre_push_check.sh': 'git push --dry-run origin main\n',
    'scripts/verify_live_deployment.sh': 'curl -fsS https://mosaic.example\n',
    'scripts/check_all.sh': `touch ${repo.root}/executed\n`,
    'deploy_logs/2025-11-18_ps101-qa-mode.md': '# PS101\n',
    'data/app.db': '',
    '.verification_audit.log': 'old line\n',
    'netlify.toml': '',
  })
  chmodSync(join(repo.root, 'scripts/verify.sh'), 0o755)
  repo.sh('tag', 'prod-2025-11-18')
  repo.sh('tag', 'prod-2025-11-12')
  repo.sh('tag', 'v1.2.3')
  return repo
}

describe('init', () => {
  it('finds what a team has, says where, and writes a file it takes itself', async () => {
    const { root } = grown()
    const report = await init(root)
    expect(report.exit).toBe(0)
    const project = await loadProject(root, {})
    expect(project.git).toEqual({ remote: 'origin', branch: 'main', current: 'prod-current', tag: 'prod-{date}' })
    expect(project.version.file).toBe('package.json')
    expect(project.build.stamp).toContainEqual({ file: 'mosaic_ui/index.html', text: '<!-- BUILD_ID:{id} -->' })
    expect(project.sources).toEqual({ database: { use: 'sqlite', path: 'data/app.db' } })
    expect(project.gate.checks.map(({ id }) => id)).toEqual(['check-all', 'verify', 'npm-lint', 'npm-test'])
    expect(project.gate.checks.find(({ id }) => id === 'verify')?.run).toEqual(['./scripts/verify.sh'])
    expect(project.verify.checks).toEqual([
      { kind: 'run', run: ['bash', 'scripts/verify_live_deployment.sh'], timeoutMs: 120_000 },
      {
        kind: 'url',
        url: 'https://mosaic.example',
        contains: '<!-- BUILD_ID:{id} -->',
        status: 200,
        timeoutMs: 10_000,
      },
    ])
    expect(readFileSync(join(root, '.gitignore'), 'utf8')).toContain('.knowngood/\nbackups/\n')
    expect(report.lines.join('\n')).toMatch(/1 deploy log {2,}deploy_logs\//)
  })

  it('writes what it leaves open so that a line without its mark changes nothing', async () => {
    const repo = repository()
    await init(repo.root)
    const file = join(repo.root, 'knowngood.yaml')
    const text = readFileSync(file, 'utf8')
    const written = await loadProject(repo.root, {})
    const open = [...text.matchAll(/^# (\w+): /gm)].map(([, key = '']) => key)
    expect(open).toEqual(expect.arrayContaining(['backups', 'mirrors', 'drills', 'notify', 'hooks']))
    for (const key of open) {
      writeFileSync(file, text.replace(`\n# ${key}: `, `\n${key}: `))
      const project = await loadProject(repo.root, {})
      const notify = key === 'notify' ? { ...project.notify, webhook: 'OPS_WEBHOOK' } : null
      expect([key, project]).toEqual([key, { ...written, notify }])
    }
  })

  it('leaves what pushes, deploys or asks as comments, and says so', async () => {
    const { root } = grown()
    const report = await init(root)
    const text = readFileSync(join(root, 'knowngood.yaml'), 'utf8')
    for (const id of ['run-deploy-gate', 'pre-push-check', 'npm-check'])
      expect(text).toMatch(new RegExp(`^ *# - \\{ id: ${id}`, 'm'))
    expect(report.data['unsure']).toEqual(
      expect.arrayContaining([
        expect.stringContaining('run_deploy_gate.sh asks questions'),
        expect.stringContaining('npm script check may push, deploy'),
        expect.stringContaining('netlify.toml'),
      ]),
    )
    expect(existsSync(join(root, 'executed'))).toBe(false)
  })

  it('says that a package.json cannot be read, and that a placeholder or a build is no check', async () => {
    const unsure = async (text: string) => {
      const repo = repository()
      repo.commit('A package', { 'package.json': text })
      return ((await init(repo.root, { dryRun: true })).data['unsure'] as string[]).join('\n')
    }
    const torn = await unsure('{ "version": "1.0.0", ')
    expect(torn).toContain('package.json cannot be read, so neither its version nor its scripts are known')
    expect(torn).not.toContain('No version was found')
    const test = 'echo "Error: no test specified" && exit 1'
    const scripts = { test, build: 'vite build' }
    expect(await unsure(JSON.stringify({ version: '1.0.0', scripts }))).toContain('No check was found')
  })

  it('writes nothing on a dry run, and never over a file or a link', async () => {
    const { root } = repository()
    const report = await init(root, { dryRun: true })
    expect(report.lines.join('\n')).toContain('Would write')
    expect(existsSync(join(root, 'knowngood.yaml'))).toBe(false)
    expect(existsSync(join(root, '.gitignore'))).toBe(false)
    symlinkSync('/nowhere/at/all', join(root, 'knowngood.yaml'))
    await expect(init(root)).rejects.toMatchObject({ exit: 2, what: 'There is a knowngood.yaml already' })
    const other = repository().root
    await init(other)
    const before = readFileSync(join(other, 'knowngood.yaml'), 'utf8')
    await expect(init(other)).rejects.toMatchObject({ exit: 2 })
    expect(readFileSync(join(other, 'knowngood.yaml'), 'utf8')).toBe(before)
  })

  it('works in a repository with nothing in it, and says what is missing', async () => {
    const root = temporaryFolder()
    sh(root, 'init', '--quiet', '--initial-branch=trunk')
    const report = await init(root)
    expect(report.data['unsure']).toEqual(
      expect.arrayContaining([
        expect.stringContaining('no git remote'),
        expect.stringContaining('no commits'),
        expect.stringContaining("Production's address"),
      ]),
    )
    const project = await loadProject(root, {})
    expect(project.git.branch).toBe('trunk')
    expect(project.deploy.targets).toEqual([])
  })

  it('sends to the branch where only the remote has it', async () => {
    const root = temporaryFolder()
    sh(root, 'clone', '--quiet', '--no-checkout', repository().root, '.')
    sh(root, 'symbolic-ref', 'HEAD', 'refs/heads/trunk')
    sh(root, 'update-ref', '-d', 'refs/heads/main')
    const { unsure } = (await init(root)).data
    expect(unsure).toContain('There is no branch main here, only origin/main: git switch main.')
    expect(String(unsure)).not.toContain('no commits')
  })

  it('works from a folder below, detached, in a worktree and in a shallow clone', async () => {
    const repo = repository()
    repo.commit('Second')
    repo.sh('push', '--quiet', 'origin', 'main')
    const tree = join(temporaryFolder(), 'tree')
    repo.sh('worktree', 'add', '--quiet', '--detach', tree)
    mkdirSync(join(tree, 'deep/er'), { recursive: true })
    const detached = await init(join(tree, 'deep/er'))
    expect(detached.data['file']).toBe(join(tree, 'knowngood.yaml'))
    expect(detached.data['unsure']).toContainEqual(expect.stringContaining('HEAD is detached'))
    const shallow = join(temporaryFolder(), 'shallow')
    sh(repo.root, 'clone', '--quiet', '--depth=1', `file://${repo.remote}`, shallow)
    expect((await init(shallow)).data['unsure']).toContainEqual(expect.stringContaining('shallow'))
    expect((await loadProject(shallow, {})).git.branch).toBe('main')
  })

  it('writes hostile names as data', async () => {
    const repo = repository()
    repo.commit('Odd', {
      'a\n# x: y\n.html': '<!-- BUILD_ID:x -->',
      'scripts/verify "$(id)".sh': 'true\n',
      '-rf.db': '',
      'b\u001b[2J.db': '',
    })
    repo.sh('tag', 'prod-evil\u00a02025-01-01')
    const report = await init(repo.root)
    expect(report.lines.join('')).not.toContain('\u001b')
    expect(readFileSync(join(repo.root, 'knowngood.yaml'), 'utf8')).not.toContain('\u001b')
    const project = await loadProject(repo.root, {})
    expect(project.gate.checks[0]?.run).toEqual(['bash', 'scripts/verify "$(id)".sh'])
  })

  it('says when it may not write', async () => {
    const { root } = repository()
    writeFileSync(join(root, 'elsewhere'), '')
    symlinkSync('elsewhere', join(root, '.gitignore'))
    await expect(init(root)).rejects.toMatchObject({ exit: 2, next: ['Add .knowngood/ and backups/ to it by hand.'] })
    expect(readFileSync(join(root, 'elsewhere'), 'utf8')).toBe('')
  })
})

const OWN = [
  '.knowngood/',
  'backups/',
  'immaculate/',
  '/releases/*.tar.gz',
  '/releases/*.lock.json',
  '/releases/SHA256SUMS',
  '/data/*-????????_??????Z*',
]

describe('.gitignore', () => {
  it('keeps its lines and their ends', () => {
    expect(ignoreOwnFolders('node_modules\r\n*.log').text).toBe(
      `node_modules\r\n*.log\r\n\r\n# Knowngood's own state, and the backups\r\n${OWN.map((one) => `${one}\r\n`).join('')}`,
    )
    expect(ignoreOwnFolders(null).text).toBe(`# Knowngood's own state, and the backups\n${OWN.join('\n')}\n`)
  })

  it('is left alone when it says so already, in any spelling', () => {
    expect(ignoreOwnFolders('/backups\n.knowngood/**\nimmaculate\n/releases/\ndata/\n')).toEqual({
      text: null,
      added: [],
    })
    expect(ignoreOwnFolders('backups/\nreleases/\n').added).toEqual(['.knowngood/', 'immaculate/', OWN.at(-1)])
  })
})

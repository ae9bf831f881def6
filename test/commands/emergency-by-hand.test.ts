import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { releasedAndCut, serving } from '../helpers/released.ts'

serving()

it(
  'prints commands which restore production without Knowngood, pasted one after the other',
  { timeout: 120_000 },
  async () => {
    const { site } = await releasedAndCut('{ use: git-push }', { remote: 'stays' })
    const { root, repo } = site
    const { out } = await site.kg('emergency', '--dry-run')
    const lines = [...out.matchAll(/^ +\$ (.*)$/gm)].map(([, line = '']) => line)
    const script = ['set -e', ...lines].join('\n')
    const env = {
      PATH: process.env['PATH'],
      HOME: root,
      GIT_AUTHOR_NAME: 'Ana',
      GIT_AUTHOR_EMAIL: 'a@b',
      GIT_COMMITTER_NAME: 'Ana',
      GIT_COMMITTER_EMAIL: 'a@b',
    }
    await execa('sh', ['-c', script], { cwd: root, env, stdin: 'ignore', timeout: 60_000 })

    expect([site.users(), site.upload()]).toEqual([['ana', 'ben'], 'first'])
    repo.sh('fetch', '--quiet')
    for (const branch of ['main', 'prod-current'])
      expect(repo.sh('show', `origin/${branch}:index.html`)).toContain('Good')
    expect(existsSync(join(root, 'service.up'))).toBe(true)
    const kept = readdirSync(join(root, 'backups')).find((name) => name.startsWith('pre-emergency-')) ?? ''
    expect(existsSync(join(root, 'backups', kept, 'CHECKSUM.sha256'))).toBe(true)
    expect(repo.sh('ls-remote', 'origin', 'refs/knowngood/lock')).toBe('')
  },
)

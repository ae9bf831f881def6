import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { rollbackCalls } from '../../src/calls/rollback.ts'
import type { JsonRecord } from '../../src/core/json.ts'
import type { Call } from '../../src/core/plan.ts'
import { codeBack } from '../../src/plans/code-back.ts'
import { decidedFor } from '../helpers/decided.ts'
import { someFacts } from '../helpers/fake-facts.ts'
import { testIo } from '../helpers/io.ts'
import { projectAt } from '../helpers/project.ts'
import { repository, sh } from '../helpers/repository.ts'
import type { Repository } from '../helpers/repository.ts'

/** What a plan of going back from the branch's tip to `goal` would do, and what it prints for doing it by hand. */
function revertOf(repo: Repository, goal: string): Call {
  const facts = someFacts()
  if (!facts.git.ok) throw new Error('the facts have no git')
  facts.git.value.remoteBranch = repo.sh('rev-parse', 'HEAD')
  const wish = { goal, to: 'prod-2025-11-18', by: 'revert' } as const
  const { steps } = codeBack(projectAt(repo.root), facts, decidedFor('rollback'), wish)
  const action = steps.find(({ id }) => id === 'commit')?.actions[0]
  if (action?.do !== 'call') throw new Error('the plan makes no commit')
  return action
}

/** Types the lines one after the other, as they are printed; the last one says which commit it made. */
function typed(repo: Repository, lines: Call['byHand']): string {
  const env = { PATH: process.env['PATH'], HOME: repo.root, GIT_CONFIG_NOSYSTEM: '1' }
  const identity = {
    GIT_AUTHOR_NAME: 'Ana',
    GIT_AUTHOR_EMAIL: 'a@b.c',
    GIT_COMMITTER_NAME: 'Ana',
    GIT_COMMITTER_EMAIL: 'a@b.c',
  }
  const said = lines.map((argv) => {
    const [file = '', ...args] = argv.map(String)
    return execFileSync(file, args, { cwd: repo.root, env: { ...env, ...identity }, encoding: 'utf8' })
  })
  return said.at(-1)?.trim() ?? ''
}

const site = { 'site.html': 'good', 'sub/it’s.txt': 'good' }
const logs = { 'deploy_logs/index.json': '[1]', 'deploy_logs/1.md': 'one', '.verification_audit.log': 'line' }

test.for([
  ['commits no records', site, { 'site.html': 'bad', 'new.txt': 'new' }],
  [
    'commits its records',
    { ...site, ...logs },
    { 'site.html': 'bad', 'deploy_logs/2.md': 'two', 'deploy_logs/index.json': '[1,2]' },
  ],
  ['commits records since', site, { 'site.html': 'bad', ...logs }],
  ['had no configuration then', site, { 'site.html': 'bad', 'knowngood.yaml': 'project: mosaic' }],
  [
    'had a configuration then',
    { ...site, 'knowngood.yaml': 'first' },
    { 'site.html': 'bad', 'knowngood.yaml': 'second' },
  ],
] as const)('a team that %s gets the same tree on the same parent by hand', async ([, before, after]) => {
  const repo = repository()
  const goal = repo.commit('Good', before)
  const tip = repo.commit('Bad', after)
  const { input, byHand } = revertOf(repo, goal)
  const hand = typed(repo, byHand)
  const io = testIo(repo.root)
  mkdirSync(io.dir, { recursive: true })
  const { commit } = await rollbackCalls['rollback.commit'](input as JsonRecord as never, io)
  expect(sh(repo.root, 'rev-parse', `${hand}^{tree}`, `${hand}^`)).toBe(
    [sh(repo.root, 'rev-parse', `${commit}^{tree}`), tip].join('\n'),
  )
  expect(sh(repo.root, 'log', '-1', '--format=%B', hand)).toBe(sh(repo.root, 'log', '-1', '--format=%B', commit))
  expect(sh(repo.root, 'status', '--porcelain', '--untracked-files=no')).toBe('')
  expect(sh(repo.root, 'rev-parse', 'HEAD')).toBe(tip)
})

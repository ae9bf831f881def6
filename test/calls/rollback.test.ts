import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { rollbackCalls } from '../../src/calls/rollback.ts'
import { testIo } from '../helpers/io.ts'
import { repository } from '../helpers/repository.ts'

const by = { name: 'ana', email: 'ana@team.example', at: '2026-11-21T12:00:00.000Z' }
const records = ['.verification_audit.log', 'deploy_logs', 'evidence']
const marks = ['.verification_audit.log', 'deploy_logs/index.json']

test('a way back brings every file back but the records that a team commits, which stand in no clone’s way', async () => {
  const repo = repository()
  const good = repo.commit('Good', { 'site.html': 'good', 'deploy_logs/index.json': '[1]', 'gone.txt': 'was there' })
  repo.sh('rm', '--quiet', 'gone.txt')
  const written = { 'deploy_logs/index.json': '[1,2]', 'deploy_logs/2.md': 'two', '.verification_audit.log': 'line' }
  const bad = repo.commit('Bad', { 'site.html': 'bad', 'new/code.js': 'new', ...written })
  const io = testIo(repo.root)
  mkdirSync(io.dir, { recursive: true })
  const make = rollbackCalls['rollback.commit']
  const { commit } = await make({ to: good, parent: bad, records, marks, message: 'Back', by, buildId: '{sha}' }, io)
  const tree = execFileSync('git', ['ls-tree', '-r', '--name-only', commit], { cwd: repo.root, encoding: 'utf8' })
  expect(tree.trim().split('\n').toSorted()).toEqual(
    [
      '.verification_audit.log',
      'deploy_logs/2.md',
      'deploy_logs/index.json',
      'gone.txt',
      'index.html',
      'site.html',
    ].toSorted(),
  )
  expect(repo.sh('show', `${commit}:site.html`)).toBe('good')
  expect(repo.sh('status', '--porcelain', '--untracked-files=no')).toBe('')

  // The operator has written on meanwhile, and takes the way back over.
  repo.commit('Keep the logs', { 'deploy_logs/index.json': '[1,2,3]' })
  repo.sh('merge', '--quiet', '--no-edit', commit)
  expect(repo.sh('show', 'HEAD:deploy_logs/index.json')).toBe('[1,2,3]')
  expect(repo.sh('show', 'HEAD:site.html')).toBe('good')
})

test.each([
  ['the team commits none that we write', { 'deploy_logs/by-hand.md': 'two' }],
  ['none was written since', { 'deploy_logs/index.json': '[1]' }],
])('where %s, it is the very tree', async (_, more) => {
  const repo = repository()
  const indexed = 'deploy_logs/index.json' in more ? more : {}
  const good = repo.commit('Good', { 'site.html': 'good', 'deploy_logs/1.md': 'one', ...indexed })
  const bad = repo.commit('Bad', { 'site.html': 'bad', ...more })
  const input = { to: good, parent: bad, records, marks, message: 'Back', by, buildId: '{sha}' }
  const { commit } = await rollbackCalls['rollback.commit'](input, testIo(repo.root))
  expect(repo.sh('rev-parse', `${commit}^{tree}`)).toBe(repo.sh('rev-parse', `${good}^{tree}`))
})

test('a way back to before there was a configuration leaves the one there is', async () => {
  const repo = repository()
  const carry = ['knowngood.yaml']
  const before = repo.commit('Before', { 'site.html': 'good' })
  const adopted = repo.commit('Adopt', { 'knowngood.yaml': 'first' })
  const bad = repo.commit('Bad', { 'site.html': 'bad', 'knowngood.yaml': 'second' })
  const io = testIo(repo.root)
  mkdirSync(io.dir, { recursive: true })
  const back = async (to: string) => {
    const input = { to, parent: bad, records, marks, carry, message: 'Back', by, buildId: '{sha}' }
    return (await rollbackCalls['rollback.commit'](input, io)).commit
  }
  const commit = await back(before)
  expect(repo.sh('show', `${commit}:knowngood.yaml`)).toBe('second')
  expect(repo.sh('show', `${commit}:site.html`)).toBe('good')
  expect(repo.sh('rev-parse', `${await back(adopted)}^{tree}`)).toBe(repo.sh('rev-parse', `${adopted}^{tree}`))
})

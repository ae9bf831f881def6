import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { backingUp } from '../helpers/backing-up.ts'

test.each([
  ['quick', 'commitMessage'],
  ['full', 'commitMessage'],
  ['set', 'commitSubject'],
] as const)('a %s backup keeps the message of its commit, whatever the tag on it says', async (kind, field) => {
  const at = backingUp()
  const commit = at.commit('Open the QA mode\n\nFor reviewers.', { 'index.html': 'x' })
  at.sh('tag', '-a', 'prod-2026-11-20', '-m', 'prod-2026-11-20', commit)
  at.commit('What is next', { 'index.html': 'y' })
  at.sh('push', '--quiet', '--tags', 'origin', 'main', `${commit}:refs/heads/prod-current`)
  expect((await at.make({ kind, ...(kind === 'set' ? { name: 'before' } : {}) })).error).toBeNull()
  const [made] = await at.list()
  expect(made).toMatchObject({ commit, commitSubject: 'Open the QA mode' })
  const file = join(at.root, made?.path ?? '', kind === 'set' ? 'backup.json' : '')
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ [field]: 'Open the QA mode' })
})

import { expect, test } from 'vitest'
import { migrationsAt } from '../../src/facts/migrations.ts'
import { repository } from '../helpers/repository.ts'

test('two commits with the same migrations have the same tree, and the newest migration names it', async () => {
  const repo = repository()
  const first = repo.commit('First table', { 'migrations/001_users.sql': 'a', 'migrations/002_chats.sql': 'b' })
  const page = repo.commit('Only a page', { 'page.html': 'x' })
  const second = repo.commit('A column', { 'migrations/010_name.sql': 'c' })
  const at = await migrationsAt(repo.git, [first, page, second])
  expect(at[first]).toEqual(at[page])
  expect(at[first]?.newest).toBe('002_chats.sql')
  expect(at[second]?.newest).toBe('010_name.sql')
  expect(at[second]?.tree).not.toBe(at[first]?.tree)
})

test('a commit without a migrations folder, and one that does not exist, are left out', async () => {
  const repo = repository()
  const plain = repo.sh('rev-parse', 'HEAD')
  expect(await migrationsAt(repo.git, [plain, 'f'.repeat(40), '--output=pwn'])).toEqual({})
})

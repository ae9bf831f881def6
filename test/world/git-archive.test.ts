import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { archiveCalls } from '../../src/calls/verify-archive.ts'
import { openGit } from '../../src/world/git.ts'
import { exportIgnored } from '../../src/world/git-archive.ts'
import { testIo } from '../helpers/io.ts'
import { repository } from '../helpers/repository.ts'

test('a commit is read to its last file, also where archives of it leave some out', async () => {
  const repo = repository()
  const commit = repo.commit('Tests', { '.gitattributes': 'tests export-ignore\n', 'tests/a.txt': 'x', 'b.txt': 'y' })
  const io = testIo(repo.root)
  const files = repo.sh('ls-tree', '-r', '--name-only', commit).trim().split('\n').length
  expect(await archiveCalls['commit.read']({ commit }, io)).toEqual({ counts: { files } })
  const blob = repo.sh('rev-parse', `${commit}:tests/a.txt`).trim()
  const object = join(repo.root, '.git/objects', blob.slice(0, 2), blob.slice(2))
  chmodSync(object, 0o600)
  writeFileSync(object, readFileSync(object).fill(0x7a, 4))
  await expect(archiveCalls['commit.read']({ commit }, io)).rejects.toThrow(/git archive failed/)
})

test('what .gitattributes keep out of archives is known by its patterns', async () => {
  const repo = repository()
  const commit = repo.commit('Attributes', {
    '.gitattributes': '# x export-ignore\n/tests/**  text=auto export-ignore\n*.txt -export-ignore\n',
    'docs/.gitattributes': 'drafts export-ignore # no\n*.md export-subst\n',
  })
  expect(await exportIgnored(openGit(repo.root), commit)).toEqual(['tests/**', 'docs/drafts'])
})

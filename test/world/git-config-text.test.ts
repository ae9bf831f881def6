import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { plainlySaid } from '../../src/world/git-config-text.ts'
import { temporaryFolder } from '../helpers/temp.ts'

function written(text: string): string {
  const path = join(temporaryFolder(), 'config')
  writeFileSync(path, text)
  return path
}

const asGitSays = (path: string) =>
  execFileSync('git', ['config', '-f', path, 'user.name'], { encoding: 'utf8' }).trim()

test.each([
  '[user]\n\tname = ana\n',
  '[core]\n\tname = no\n[USER] # us\n  NAME=Ana Müller \n[remote "user"]\n\tname = no\n',
  '[user]\n\tname = ana\n[user "x"]\n\tname = no\n[user]\n\temail = a@b.c\n\tname = bo\n',
])('%j is read as git reads it', (text) => {
  const path = written(text)
  expect(plainlySaid(path, 'user', 'name')).toBe(asGitSays(path))
})

test('an address is that of its own remote', () => {
  const text = '[remote "origin"]\n\turl = https://example.com/a.git\n[remote "Origin"]\n\turl = /other\n'
  expect(plainlySaid(written(text), 'remote "origin"', 'url')).toBe('https://example.com/a.git')
})

test.each([
  '[user]\n\tname = "ana"\n',
  '[user]\n\tname = ana # by hand\n',
  '[user]\n\tname = a\\\nna\n',
  '[user] name = ana\n',
  '[include]\n\tpath = x\n[user]\n\tname = ana\n',
  '[includeIf "gitdir:~/x/"]\n\tpath = x\n[user]\n\tname = ana\n',
  '[extensions]\n\tworktreeConfig = true\n[user]\n\tname = ana\n',
  '[user]\n\tname =\n',
])('%j is left to git', (text) => {
  expect(plainlySaid(written(text), 'user', 'name')).toBeUndefined()
})

test('what is not there says nothing', () => {
  expect(plainlySaid(written('[user]\n\temail = a@b.c\n'), 'user', 'name')).toBeNull()
  expect(plainlySaid('/nowhere/config', 'user', 'name')).toBeNull()
})

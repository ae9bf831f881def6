import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { backupArchiveCalls } from '../../src/calls/backup-archives.ts'
import { testIo } from '../helpers/io.ts'
import { repository, temporaryFolder } from '../helpers/repository.ts'

const before = { ...process.env }
const mask = process.umask()
afterEach(() => {
  process.umask(mask)
  process.env = { ...before }
})

function someRepository() {
  const repo = repository()
  repo.write('run.sh', '#!/bin/sh\n')
  execFileSync('chmod', ['755', join(repo.root, 'run.sh')])
  repo.write('.gitattributes', '*.txt text=auto\nversion.h export-subst\n')
  repo.write('version.h', '$Format:%H %D$\n')
  repo.write('data/lines.txt', 'one\ntwo\n')
  repo.write('node_modules/dep/index.js', 'x\n')
  repo.write('docs/releases/notes.md', 'x\n')
  repo.commit('Everything', {})
  return repo
}

async function bundleOf(root: string, commit: string, exclude: string[] = []): Promise<Buffer> {
  const stage = temporaryFolder()
  await backupArchiveCalls['backup.bundle']({ stage, file: 'x.tar.gz', commit, exclude }, testIo(root))
  return readFileSync(join(stage, 'x.tar.gz'))
}

test('fault 60: a rebuild elsewhere, with another mask, zone, language, account and git, gives the same bytes', async () => {
  const repo = someRepository()
  const commit = repo.sh('rev-parse', 'HEAD')
  const first = await bundleOf(repo.root, commit)

  const other = repo.clone()
  execFileSync('git', ['fetch', '-q', repo.root, 'main'], { cwd: other.root })
  const home = temporaryFolder()
  mkdirSync(join(home, '.config/git'), { recursive: true })
  writeFileSync(join(home, '.config/git/attributes'), '* export-ignore\n')
  writeFileSync(
    join(home, '.gitconfig'),
    '[tar]\n\tumask = 0077\n[core]\n\tautocrlf = true\n\teol = crlf\n[user]\n\tname = Ben\n',
  )
  other.sh('config', 'tar.umask', '0007')
  other.sh('config', 'core.eol', 'crlf')
  mkdirSync(join(other.root, '.git/info'), { recursive: true })
  writeFileSync(join(other.root, '.git/info/attributes'), '*.txt export-ignore\n')
  other.sh('tag', 'v9', commit)
  Object.assign(process.env, {
    TZ: 'Pacific/Kiritimati',
    LC_ALL: 'C.UTF-8',
    LANG: 'de_DE.UTF-8',
    HOME: home,
    XDG_CONFIG_HOME: '',
  })
  process.umask(0o077)
  const second = await bundleOf(other.root, commit)

  expect(second.equals(first)).toBe(true)
})

test('what is excluded is left out wherever it stands, by name, and only there, by path', async () => {
  const repo = someRepository()
  const commit = repo.sh('rev-parse', 'HEAD')
  const file = join(temporaryFolder(), 'x.tar.gz')
  writeFileSync(file, await bundleOf(repo.root, commit, ['node_modules', '/releases', 'docs/releases']))
  const names = execFileSync('tar', ['tzf', file], { encoding: 'utf8' }).split('\n')
  expect(names.filter((name) => /node_modules|releases/.test(name))).toEqual([])
  expect(names).toContain('data/lines.txt')
  expect(execFileSync('tar', ['tvzf', file], { encoding: 'utf8' })).toMatch(/^-rwxr-xr-x .* run\.sh$/m)
})

import { plainBackups } from '../../src/config/fill-backups.ts'
import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { pruneCalls } from '../../src/calls/prune.ts'
import type { PointerRecord } from '../../src/core/backup.ts'
import type { Io } from '../../src/core/plan.ts'
import { writeQuick } from '../../src/records/quick.ts'

let dir = ''
let root = ''
let commits: string[] = []

function git(...args: string[]): string {
  const name = ['-c', 'user.name=ana', '-c', 'user.email=a@b.c']
  return execFileSync('git', [...name, ...args], { cwd: root, encoding: 'utf8' }).trim()
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kg-prune-'))
  root = join(dir, 'clone')
  execFileSync('git', ['init', '-q', '--bare', join(dir, 'remote.git')])
  execFileSync('git', ['init', '-q', '-b', 'main', root])
  git('remote', 'add', 'origin', join(dir, 'remote.git'))
  commits = []
  for (let index = 1; index <= 5; index += 1) {
    git('commit', '-q', '--allow-empty', '-m', `commit ${index}`)
    const commit = git('rev-parse', 'HEAD')
    commits.push(commit)
    git('update-ref', `refs/knowngood/backups/quick-${index}`, commit)
    await writeQuick(root, 'backups/quick', record(index, commit))
  }
  git('push', '-q', 'origin', 'refs/knowngood/backups/*:refs/knowngood/backups/*')
})
afterEach(() => rm(dir, { recursive: true, force: true }))

function record(ms: number, commitHash: string): PointerRecord {
  const timestamp = new Date(ms * 86_400_000).toISOString()
  const plain = {
    commitMessage: 'm',
    branch: 'main',
    commitFrom: 'live',
    schemaRevision: null,
    operator: 'ana',
    exports: [],
  } as const
  return { ...plain, exports: [], id: `quick-${ms}`, type: 'quick', timestamp, commitHash, run: `run-${ms}` }
}

const io = (): Io => ({
  root,
  run: 'r',
  dir,
  signal: new AbortController().signal,
  bytes: () => undefined,
  line: () => undefined,
  child: () => undefined,
  secret: () => '',
})

test('older quick backups go with their refs, here and there; what is guarded and foreign stays', async () => {
  await writeFile(join(root, 'backups/quick/notes.txt'), 'mine')
  const input = { kind: 'quick', keep: 2, only: null, backups: plainBackups('mosaic'), remote: 'origin' } as const
  const guard = [{ commit: commits[0] ?? '', why: 'what is live' }]
  const { removed } = await pruneCalls['prune.kind']({ ...input, guard }, io())
  expect(removed).toEqual(['backups/quick/quick-backup-3.json', 'backups/quick/quick-backup-2.json'])
  const left = ['quick-backup-1.json', 'quick-backup-4.json', 'quick-backup-5.json']
  expect((await readdir(join(root, 'backups/quick'))).toSorted()).toEqual(['notes.txt', ...left])
  const refs = ['1', '4', '5'].map((id) => `refs/knowngood/backups/quick-${id}`)
  expect(git('for-each-ref', '--format=%(refname)', 'refs/knowngood').split('\n')).toEqual(refs)
  const remote = git('ls-remote', 'origin', 'refs/knowngood/*').split('\n')
  expect(remote.map((line) => line.split('\t')[1])).toEqual(refs)
  expect((await pruneCalls['prune.kind']({ ...input, guard }, io())).removed).toEqual([])
})

test('a kept count of nothing is refused before anything goes', async () => {
  const input = {
    kind: 'quick',
    keep: 0,
    only: null,
    backups: plainBackups('mosaic'),
    guard: [],
    remote: null,
  } as const
  await expect(pruneCalls['prune.kind']({ ...input, guard: [] }, io())).rejects.toThrow('keep must be')
  expect(await readdir(join(root, 'backups/quick'))).toHaveLength(5)
})

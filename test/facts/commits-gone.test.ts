import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { commitsGone } from '../../src/facts/commits-gone.ts'
import { openGit } from '../../src/world/git.ts'
import type { Git } from '../../src/world/git.ts'
import { repository } from '../helpers/repository.ts'
import type { Repository } from '../helpers/repository.ts'

const NOWHERE = 'f'.repeat(40)
let repo: Repository
let here = ''
let asked = 0

beforeEach(() => {
  repo = repository()
  here = repo.sh('rev-parse', 'HEAD')
  asked = 0
  mkdirSync(join(repo.root, '.knowngood'), { recursive: true })
})

/** As one looks later, when what was just written has settled. */
async function gone(commits: string[], laterMs = 10_000): Promise<string[]> {
  const git = openGit(repo.root)
  const counted: Git = {
    root: git.root,
    raw: (...given) => {
      asked += 1
      return git.raw(...given)
    },
  }
  return [...(await commitsGone(counted, new Set(commits), Date.now() + laterMs))]
}

test('git is asked once as long as nothing is put into its objects or taken from them', async () => {
  expect(await gone([here, NOWHERE])).toEqual([NOWHERE])
  expect(await gone([here, NOWHERE])).toEqual([NOWHERE])
  expect(asked).toBe(1)
})

test('a commit whose object was taken away is gone at the next look', async () => {
  expect(await gone([here])).toEqual([])
  rmSync(join(repo.root, '.git/objects', here.slice(0, 2), here.slice(2)))
  expect(await gone([here])).toEqual([here])
})

test('a commit that came meanwhile is there at the next look, packed or not', async () => {
  const other = repo.sh('commit-tree', '-m', 'Elsewhere', 'HEAD^{tree}')
  rmSync(join(repo.root, '.git/objects', other.slice(0, 2), other.slice(2)))
  expect(await gone([other])).toEqual([other])
  expect(repo.sh('commit-tree', '-m', 'Elsewhere', 'HEAD^{tree}')).not.toBe('')
  repo.sh('repack', '-a', '-d', '-q')
  expect(await gone([here])).toEqual([])
  expect(await gone([here, NOWHERE])).toEqual([NOWHERE])
})

test('other commits are asked about', async () => {
  await gone([here])
  expect(await gone([NOWHERE])).toEqual([NOWHERE])
})

test('nothing is believed of objects that changed a moment ago, or are borrowed from elsewhere', async () => {
  await gone([here], 0)
  await gone([here], 0)
  expect(asked).toBe(2)
  writeFileSync(join(repo.root, '.git/objects/info/alternates'), '/nowhere/objects\n')
  await gone([here])
  await gone([here])
  expect(asked).toBe(4)
})

test('what the cache holds of anything else is as good as nothing', async () => {
  await gone([here])
  for (const text of ['', '[]', '{"version":"1","kept":7}', '{"version":"1","kept":{"objects":""}}']) {
    writeFileSync(join(repo.root, '.knowngood/cache/commits.json'), text)
    expect(await gone([here, NOWHERE])).toEqual([NOWHERE])
  }
})

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startLooking } from '../../src/facts/early.ts'
import { observeGit } from '../../src/facts/git.ts'
import { openMemory } from '../../src/facts/memory.ts'
import { projectAt } from '../helpers/project.ts'
import { repository } from '../helpers/repository.ts'
import type { Repository } from '../helpers/repository.ts'

/** Looks at the repository and tells which git commands that took beyond the refs and the status. */
async function look(repo: Repository) {
  const asked: string[] = []
  const raw: Repository['git']['raw'] = (args, options) => {
    asked.push(args[0] ?? '')
    return repo.git.raw(args, options)
  }
  const git = { ...repo.git, raw }
  const project = projectAt(repo.root)
  const { refs, status } = startLooking(git, project, { remote: false, live: false })
  const memory = await openMemory(repo.root)
  const { facts } = await observeGit(git, project, { refs, status, memory: Promise.resolve(memory) })
  await memory.save()
  return { facts, asked: asked.slice(2) }
}

function released(): Repository {
  const repo = repository()
  mkdirSync(join(repo.root, '.knowngood'))
  repo.sh('tag', '-a', 'prod-2026-11-20', '-m', 'Release')
  repo.sh('push', '--quiet', 'origin', 'main', 'main:refs/heads/prod-current')
  repo.commit('Next', { 'migrations/001_a.sql': 'a' })
  return repo
}

test('objects that were seen once are not asked about again, and the facts are the same', async () => {
  const repo = released()
  const first = await look(repo)
  expect(first.facts).toMatchObject({
    ahead: 1,
    migrations: 1,
    tags: [{ name: 'prod-2026-11-20', subject: 'Release' }],
  })
  expect(first.asked.toSorted()).toEqual(['diff-tree', 'for-each-ref', 'rev-list'])
  const second = await look(repo)
  expect(second.asked).toEqual([])
  expect(second.facts).toEqual(first.facts)
})

test('what moved is asked about', async () => {
  const repo = released()
  await look(repo)
  repo.sh('tag', '-f', '-a', 'prod-2026-11-20', '-m', 'Again', 'HEAD')
  repo.commit('One more')
  const { facts } = await look(repo)
  expect(facts).toMatchObject({ ahead: 2, next: { subject: 'One more' }, tags: [{ subject: 'Again' }] })
})

test('a replaced object ends the memory', async () => {
  const repo = released()
  await look(repo)
  const other = repo.sh('commit-tree', 'HEAD^{tree}', '-m', 'Alone')
  repo.sh('replace', 'HEAD', other.trim())
  const { facts } = await look(repo)
  expect(facts).toMatchObject({ ahead: null, next: { subject: 'Alone' } })
})

test('a clone whose depth changes remembers nothing', async () => {
  const repo = released()
  await look(repo)
  writeFileSync(join(repo.root, '.git/shallow'), `${repo.sh('rev-parse', 'HEAD')}\n`)
  const { facts } = await look(repo)
  expect(facts).toMatchObject({ shallow: true, ahead: null })
})

test.each(['', 'nonsense', '{"version":"1 ; ","kept":[["apart"]]}'])(
  'a memory of %j is as good as none',
  async (text) => {
    const repo = released()
    const { facts } = await look(repo)
    const file = join(repo.root, '.knowngood/cache/objects.json')
    expect(readFileSync(file, 'utf8')).toContain('apart')
    writeFileSync(file, text)
    expect((await look(repo)).facts).toEqual(facts)
  },
)

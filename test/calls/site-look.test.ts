import { expect, test } from 'vitest'
import { trackedLeftOut } from '../../src/calls/site-look.ts'
import { repository } from '../helpers/repository.ts'

test('what git tracks and a snapshot leaves out by its name is named, and nothing else is', async () => {
  const repo = repository()
  repo.commit('Pages', {
    'index.html': 'x',
    'releases/index.html': 'x',
    'releases/deep/one.html': 'x',
    'docs/releases/kept.html': 'x',
    'docs/test-results/:odd\nname': 'x',
    'coverage/a.txt': 'x',
    'docs/.DS_Store': 'x',
  })
  repo.write('backups/untracked.txt', 'x')
  const exclude = ['coverage/', 'releases/', 'backups/', 'test-results', '.DS_Store']
  const look = (paths: string[]) => trackedLeftOut({ root: repo.root, paths, exclude })
  expect(await look(['.'])).toEqual([
    'coverage: left out by its name, and git tracks 1 file in it',
    'docs/.DS_Store: left out by its name, and git tracks it',
    'docs/test-results: left out by its name, and git tracks 1 file in it',
    'releases: left out by its name, and git tracks 2 files in it',
  ])
  expect(await look(['index.html', './docs'])).toEqual([
    'docs/.DS_Store: left out by its name, and git tracks it',
    'docs/test-results: left out by its name, and git tracks 1 file in it',
  ])
})

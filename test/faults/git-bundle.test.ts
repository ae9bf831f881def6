import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { git } from '../../src/sources/git.ts'
import { capturing, perform, stored } from '../helpers/capture.ts'
import { testIo } from '../helpers/io.ts'
import { repository, sh, temporaryFolder } from '../helpers/repository.ts'

describe('fault 57: a damaged git bundle', () => {
  const damages: Record<string, (file: string) => void> = {
    'is cut short': (file) => truncateSync(file, readFileSync(file).length - 15),
    'is cut to its header': (file) => truncateSync(file, readFileSync(file).indexOf('PACK')),
    'has a flipped bit': (file) => {
      const bytes = readFileSync(file)
      const at = bytes.length - 40
      bytes[at] = (bytes[at] ?? 0) ^ 1
      writeFileSync(file, bytes)
    },
    'has bytes behind its end': (file) => appendFileSync(file, Buffer.alloc(40, 7)),
    'is of another repository': (file) => {
      const other = repository()
      other.commit('Of another')
      other.sh('bundle', 'create', '--quiet', file, '--all')
    },
  }

  test.each(Object.entries(damages))('%s: it is found, and nothing is left behind', async (_, damage) => {
    const repo = repository()
    const io = testIo(repo.root)
    const context = capturing(dirname(repo.root), 'git')
    const { gives } = await perform(git.capture({}, context), git.calls, io)
    const [, bundle] = stored(context.stage, gives)
    if (bundle === undefined) throw new Error('no bundle')
    damage(bundle.file)
    const step = git.readable({}, { ...bundle, id: 'readable', name: 'git', run: io.run })
    await expect(perform(step, git.calls, io)).rejects.toThrow(/bundle/)
    expect(readdirSync(io.dir)).toEqual([])
  })
})

describe('fault 58: a shallow clone', () => {
  test('is refused with the way out, and nothing is written', async () => {
    const repo = repository()
    repo.commit('Second page')
    repo.sh('push', '--quiet', 'origin', 'main')
    const folder = temporaryFolder()
    sh(folder, 'clone', '--quiet', '--depth', '1', `file://${repo.remote}`, 'shallow')
    const context = capturing(folder, 'git')
    const refused = perform(git.capture({}, context), git.calls, testIo(join(folder, 'shallow')))
    await expect(refused).rejects.toMatchObject({ exit: 3, next: ['git fetch --unshallow'] })
    expect(readdirSync(context.stage)).toEqual([])
  })
})

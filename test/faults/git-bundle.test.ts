import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { git } from '../../src/sources/git.ts'
import { testIo } from '../helpers/io.ts'
import { repository, sh, temporaryFolder } from '../helpers/repository.ts'
import { sourceAtWork } from '../helpers/source-round-trip.ts'

function at(root: string) {
  const io = testIo(root)
  return { io, ...sourceAtWork({ source: git as never, options: {}, root: temporaryFolder(), name: 'git', io }) }
}

describe('fault 57: a damaged git bundle', () => {
  const damages: Record<string, (file: string) => void> = {
    'is cut short': (file) => truncateSync(file, readFileSync(file).length - 15),
    'is cut to its header': (file) => truncateSync(file, readFileSync(file).indexOf('PACK')),
    'has a flipped bit': (file) => {
      const bytes = readFileSync(file)
      const last = bytes.length - 40
      bytes[last] = (bytes[last] ?? 0) ^ 1
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
    const work = at(repository().root)
    const { parts } = await work.capture()
    const bundle = parts.find(({ path }) => path === 'git/repo.bundle')
    if (bundle === undefined) throw new Error('no bundle')
    damage(join(work.stage, bundle.path))
    await expect(work.readable(bundle)).rejects.toThrow(/bundle|not what was captured/)
    expect(readdirSync(work.io.dir)).toEqual([])
  })
})

describe('fault 58: a shallow clone', () => {
  test('is refused with the way out, and nothing is written', async () => {
    const repo = repository()
    repo.commit('Second page')
    repo.sh('push', '--quiet', 'origin', 'main')
    const folder = temporaryFolder()
    sh(folder, 'clone', '--quiet', '--depth', '1', `file://${repo.remote}`, 'shallow')
    const work = at(join(folder, 'shallow'))
    await expect(work.capture()).rejects.toMatchObject({ exit: 3, next: ['git fetch --unshallow'] })
    expect(readdirSync(work.stage)).toEqual([])
  })
})

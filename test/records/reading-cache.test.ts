import { mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { openReadingCache } from '../../src/records/reading-cache.ts'
import type { Look } from '../../src/records/reading-cache.ts'
import { temporaryFolder } from '../helpers/temp.ts'

let root = ''
let read: string[] = []
beforeEach(async () => {
  root = temporaryFolder()
  read = []
  await mkdir(join(root, '.knowngood'))
  await put('a', 'one')
  await put('b', 'two')
})

const put = (name: string, text: string) => writeFile(join(root, name), text)
const cacheFile = () => join(root, '.knowngood/cache/words.json')

/** Looks at these files as one later would, when what was just written has settled. */
async function look(names: string[], how: { version?: string; laterMs?: number; also?: string } = {}) {
  const { version = '1', laterMs = 10_000, also } = how
  const cache = await openReadingCache<string>(root, 'words', { learnt: version }, Date.now() + laterMs)
  const found: string[] = []
  for (const name of names)
    found.push(
      cache.kept(name) ??
        (await cache.read(name, async (see: Look) => {
          see(name)
          const beside = also === undefined ? '' : see(also) === undefined ? ' alone' : ' beside'
          read.push(name)
          return (await readFile(join(root, name), 'utf8')) + beside
        })),
    )
  await cache.save()
  return found
}

test('what has not changed is not read again', async () => {
  expect(await look(['a', 'b'])).toEqual(['one', 'two'])
  expect(await look(['a', 'b'])).toEqual(['one', 'two'])
  expect(read).toEqual(['a', 'b'])
})

test('a change that keeps size and modification time is seen', async () => {
  await look(['a', 'b'])
  const then = new Date('2026-01-01T00:00:00Z')
  await utimes(join(root, 'a'), then, then)
  await look(['a', 'b'])
  await put('a', 'ONE')
  await utimes(join(root, 'a'), then, then)
  expect(await look(['a', 'b'])).toEqual(['ONE', 'two'])
})

test('what was written a moment ago is read again, for its times may not tell the next change', async () => {
  await look(['a'], { laterMs: 0 })
  await look(['a'], { laterMs: 0 })
  expect(read).toEqual(['a', 'a'])
  await expect(readFile(cacheFile())).rejects.toThrow('ENOENT')
})

test('everything a reader asked about counts, also what was not there', async () => {
  expect(await look(['a'], { also: 'c' })).toEqual(['one alone'])
  await put('c', '')
  expect(await look(['a'], { also: 'c' })).toEqual(['one beside'])
  await rm(join(root, 'c'))
  expect(await look(['a'], { also: 'c' })).toEqual(['one alone'])
})

test('a reader that has learned more reads everything again', async () => {
  await look(['a', 'b'])
  await look(['a', 'b'], { version: '2' })
  expect(read).toEqual(['a', 'b', 'a', 'b'])
})

test('a failure is not kept', async () => {
  const cache = await openReadingCache<string>(root, 'words', { learnt: '1' }, Date.now() + 10_000)
  await expect(cache.read('a', () => Promise.reject(new Error('too many open files')))).rejects.toThrow('too many')
  await cache.save()
  expect(await look(['a'])).toEqual(['one'])
})

test.each(['', '{"version":"1","kept":7}', '{"version":"1","kept":[["a"', '[]'])(
  'a cache that holds %j is as good as none',
  async (text) => {
    await look(['a'])
    await put('.knowngood/cache/words.json', text)
    expect(await look(['a', 'b'])).toEqual(['one', 'two'])
  },
)

test('looking at a project for the first time leaves nothing behind', async () => {
  await rm(join(root, '.knowngood'), { recursive: true })
  expect(await look(['a'])).toEqual(['one'])
  await expect(readFile(cacheFile())).rejects.toThrow('ENOENT')
})

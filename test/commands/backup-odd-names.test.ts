import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { restorable } from '../helpers/restorable.ts'

const zips = (root: string) => readdirSync(join(root, 'backups')).filter((name) => name.endsWith('.zip'))
const listed = (root: string) =>
  execFileSync('zipinfo', ['-1', join(root, 'backups', zips(root)[0] ?? '')], { encoding: 'utf8' }).split('\n')

test('a link that leads out is left out alone, and secrets alone, whatever characters their names have', async () => {
  const { root, kg } = await restorable({ config: '', data: '' })
  for (const folder of ['src', 'srcs', 'x*', 'xyz']) mkdirSync(join(root, folder))
  for (const file of ['src/app.js', 'srcs/app.js', 'xyz/.env']) writeFileSync(join(root, file), '# nothing')
  writeFileSync(join(root, 'x*/.env'), 'KEY=value')
  symlinkSync('/usr/lib', join(root, 'src*'))
  symlinkSync('/etc', Buffer.from(join(root, 'caf\u00e9'), 'latin1'))
  const { exit, out, err } = await kg('backup', 'site')
  expect(exit, out + err).toBe(0)
  expect(out + err).toContain('src*: a link that leads out of the tree')
  expect(listed(root)).toEqual(expect.arrayContaining(['src/app.js', 'srcs/app.js', 'xyz/.env']))
  expect(listed(root).filter((name) => /\*$|^x\*\/\.|^caf/.test(name))).toEqual([])
})

test('a cache that cannot be written costs the next snapshot its speed, and this one nothing', async () => {
  const { root, kg } = await restorable({ config: '', data: '' })
  mkdirSync(join(root, '.knowngood/cache/site-zip.index'), { recursive: true })
  for (const count of [1, 2]) {
    const { exit, out, err } = await kg('backup', 'site')
    expect(exit, out + err).toBe(0)
    expect(out + err).toContain('The next one will be packed whole')
    expect(zips(root)).toHaveLength(count)
  }
})

test('a bundle of a commit with a ring of links opens; one with a link that leads out is refused when it is made', async () => {
  const { root, repo, kg } = await restorable({ config: 'version: { file: VERSION }\n', data: '' })
  symlinkSync('ring', join(root, 'ring'))
  repo.sh('add', 'ring')
  repo.commit('A ring', { VERSION: '1.4.0\n' })
  const ring = await kg('backup', 'bundle')
  expect(ring.exit, ring.out + ring.err).toBe(0)
  const id = /bundle-\S+/.exec(ring.out)?.[0] ?? ''
  expect(await kg('verify', id)).toMatchObject({ exit: 0 })
  symlinkSync('../../etc', join(root, 'out'))
  repo.sh('add', 'out')
  repo.commit('A way out', { VERSION: '1.5.0\n' })
  const out = await kg('backup', 'bundle')
  expect(out.exit).toBe(4)
  expect(out.out + out.err).toMatch(/out is a link that leads out.*backups\.bundle\.exclude/s)
})

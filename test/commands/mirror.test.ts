import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { restorable } from '../helpers/restorable.ts'

const COPIES = 'drive/mosaic/production/set'

/** A production with a mirror beside it that keeps one set and may take so many bytes. */
async function mirrored() {
  const site = await restorable({
    set: ['git'],
    config: 'mirrors: [{ use: directory, to: drive, mounted: false, kinds: [set], latest: 1, quota: 100000 }]\n',
  })
  mkdirSync(join(site.root, 'drive'))
  writeFileSync(join(site.root, 'drive/.knowngood-mirror'), '')
  const quota = (from: number, to: number) => {
    const file = join(site.root, 'knowngood.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replace(`quota: ${from}`, `quota: ${to}`))
  }
  return { ...site, quota, copies: () => readdirSync(join(site.root, COPIES)) }
}

test('a copy that fails is no success: it is drawn as failed, ends with 4, and the older copy stays until it is made', async () => {
  const site = await mirrored()
  await site.backup('set', { name: 'first' })
  expect(await site.kg('mirror', 'push')).toMatchObject({ exit: 0 })
  await site.backup('set', { name: 'second' })
  site.quota(100_000, 100)
  const full = await site.kg('mirror', 'push')
  expect([full.exit, full.out]).toEqual([4, expect.stringMatching(/still owed: Copy second: .* over its quota/)])
  expect(full.err).toMatch(/✗ Copy second/)
  expect(full.out).toContain('still owed: Remove first: it waits for what failed before it: Copy second')
  expect(site.copies()).toEqual(['first'])
  expect((await site.kg('mirror', 'push', '--json')).json).toMatchObject({ ok: false, success: false, copied: 0 })

  site.quota(100, 100_000)
  expect((await site.kg('mirror', 'push')).exit).toBe(0)
  expect(site.copies()).toEqual(['second'])
  writeFileSync(join(site.root, COPIES, 'second/MANIFEST.md'), 'other words\n')
  const check = await site.kg('mirror', 'check')
  expect([check.exit, check.out]).toEqual([4, expect.stringContaining('MANIFEST.md of second has changed there')])
})

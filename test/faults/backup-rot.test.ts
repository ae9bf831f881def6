import { closeSync, openSync, readFileSync, statfsSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { listZip } from '../../src/archive/zip-read.ts'
import { noise } from '../helpers/random.ts'
import { restorable } from '../helpers/restorable.ts'

// A file system whose times are believed: only there anything is copied out of the last archive.
beforeEach(() => void vi.stubEnv('TMPDIR', statfsSync(tmpdir()).type === 0xef53 ? tmpdir() : '/dev/shm'))
afterEach(() => void vi.unstubAllEnvs())

/** One bit of each of them. */
async function rot(zip: string, name: RegExp): Promise<void> {
  const bytes = readFileSync(zip)
  const file = openSync(zip, 'r+')
  for (const entry of await listZip(zip))
    if (name.test(entry.name.toString()))
      writeSync(file, Buffer.from([(bytes[entry.at + 200] ?? 0) ^ 1]), 0, 1, entry.at + 200)
  closeSync(file)
}

test('an older archive found rotten is told of while it is found, at the end, in JSON and in the list', async () => {
  const site = await restorable()
  for (let index = 0; index < 8; index += 1) writeFileSync(join(site.root, `uploads/${index}.jpg`), noise(3_000, index))
  // Files written within two seconds of their being read are not trusted.
  await sleep(2_100)
  const id = await site.backup('site')
  const zip = join(site.root, `backups/site-backup_${id.slice('site-'.length)}.zip`)
  await rot(zip, /\.jpg$/)
  await sleep(1_000)
  const made = await site.kg('backup', 'site')
  expect(made).toMatchObject({ exit: 0 })
  // Some of them may have had their turn to be read anyhow.
  const told = new RegExp(
    `${id} counts as damaged: [4-8] files in it are not what was written: uploads/\\d.jpg, .* and \\d more`,
  )
  expect(made.err).toMatch(told)
  expect(made.out).toMatch(told)
  expect(made.out).toContain(`knowngood verify ${id} reads all of it`)
  const { backups } = await site.facts()
  const states = backups.ok ? backups.value.map((one) => `${one.id === id ? 'old' : 'new'} ${one.state}`) : []
  expect(states).toEqual(['new ok', 'old damaged'])

  const newest = String(/site-\d{8}_\d{6}Z(?= \()/.exec(made.out)?.[0])
  await rot(join(site.root, `backups/site-backup_${newest.slice('site-'.length)}.zip`), /\.jpg$/)
  await sleep(1_000)
  const { json } = await site.kg('backup', 'site', '--json')
  expect(json['damaged']).toEqual({
    backupId: newest,
    files: expect.arrayContaining([expect.stringMatching(/\.jpg$/)]),
  })
})

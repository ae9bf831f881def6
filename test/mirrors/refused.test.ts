import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { afterEach, expect, test, vi } from 'vitest'
import { resticCalls } from '../../src/mirrors/restic-calls.ts'
import { restic } from '../../src/mirrors/restic.ts'
import { rcloneCalls } from '../../src/mirrors/rclone-calls.ts'
import { testIo } from '../helpers/io.ts'
import { missing } from '../helpers/needs.ts'
import { needed } from '../helpers/needed.ts'
import { temporaryFolder } from '../helpers/temp.ts'

afterEach(() => void vi.unstubAllEnvs())

test('a repository that a process left locked says whose lock it is, and what removes it', async (context) => {
  if (missing('restic', ['version'])) return needed(context, 'restic is missing: apt-get install restic')
  const dir = temporaryFolder()
  const to = join(dir, 'repository')
  const locks = () => readdirSync(join(to, 'locks')).filter((name) => /^[0-9a-f]{64}$/.test(name))
  vi.stubEnv('RESTIC_PASSWORD', 'not the right one to guess')
  vi.stubEnv('RESTIC_CACHE_DIR', join(dir, 'cache'))
  execaSync('restic', ['-r', to, 'init'])
  while (locks().length === 0) {
    const child = spawn('restic', ['-r', to, 'check', '--read-data'], { stdio: 'ignore' })
    const watcher = watch(join(to, 'locks'), () => locks().length > 0 && child.kill('SIGKILL'))
    await once(child, 'exit')
    watcher.close()
  }
  const given = restic.options.parse({ to })
  const place = { root: dir, git: { remote: 'origin', branch: 'main' } }
  const seen = await restic.observe(given, { ...place, below: 'mosaic/production' })
  const says =
    /^the repository is locked exclusively by PID \d+ .*, since [\d :-]+: wait for it; where it is gone: restic unlock$/
  expect(seen).toMatchObject({ ok: false, because: expect.stringMatching(says) })
  const fix = `See that nobody works on it, then: restic -r ${to} unlock`
  expect(await restic.doctor(given, place)).toMatchObject([{ ok: false, fix }])
  execaSync('restic', ['-r', to, 'unlock'])
  expect(await restic.doctor(given, place)).toMatchObject([{ ok: true }])
})

test('an older copy is removed though a copy that was ended left its lock', async () => {
  const dir = temporaryFolder()
  // The words of the real one, which test/slow/restic-lock.test.ts asks.
  const says = 'unable to create lock in backend: repository is already locked by PID 7 on vm by root (UID 0, GID 0)'
  const script = `#!/bin/sh
echo "$1" >> ${dir}/asked
case $1 in
  snapshots) echo '[{"id":"s1"}]' ;;
  forget) [ -e ${dir}/unlocked ] || { echo '${says}' >&2; exit 1; } ;;
  unlock) touch ${dir}/unlocked ;;
esac
`
  writeFileSync(join(dir, 'restic'), script, { mode: 0o755 })
  vi.stubEnv('PATH', `${dir}:${process.env['PATH']}`)
  vi.stubEnv('RESTIC_PASSWORD', 'not the right one to guess')
  const held = { id: 'set-1', kind: 'set' as const, at: 'now', digest: 'd', folder: 'mosaic/set/set-1', files: [] }
  const options = restic.options.parse({ to: join(dir, 'repository') })
  expect(await resticCalls['restic.drop']({ options, held }, testIo(dir))).toEqual({ removed: [held.folder] })
  expect(readFileSync(join(dir, 'asked'), 'utf8').trim().split('\n')).toEqual([
    'snapshots',
    'forget',
    'unlock',
    'forget',
  ])
})

test('a remote that refuses what is copied fails with what rclone says, and without its clock', async (context) => {
  if (missing('rclone', ['version'])) return needed(context, 'rclone is missing: apt-get install rclone')
  const dir = temporaryFolder()
  // A file where the folder of the copies should be: it is listed as empty, and takes nothing.
  mkdirSync(join(dir, 'there'))
  writeFileSync(join(dir, 'there/mosaic'), '')
  writeFileSync(join(dir, 'one.txt'), '1')
  vi.stubEnv('RCLONE_CONFIG_KGREFUSES_TYPE', 'local')
  const file = { path: 'one.txt', file: join(dir, 'one.txt'), bytes: 1, sha256: 'f'.repeat(64) }
  const copy = { id: 'set-1', kind: 'set' as const, at: '', digest: 'd', folder: 'mosaic/set/set-1', files: [file] }
  const put = rcloneCalls['rclone.put']({ options: { to: `kgrefuses:${dir}/there` }, copy }, testIo(dir))
  await expect(put).rejects.toThrow(/^rclone copyto ended with code \d: (?!\d{4}\/).*mosaic/)
})

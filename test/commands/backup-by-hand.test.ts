import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { restorable } from '../helpers/restorable.ts'

/** Every line that a dry run prints as a command, typed as it stands. */
function typed(root: string, printed: string): void {
  const lines = printed.split('\n').flatMap((line) => /^\s+\$ (.*)$/.exec(line)?.[1] ?? [])
  expect(lines.length).toBeGreaterThan(3)
  for (const line of lines) {
    const done = spawnSync('bash', ['-euo', 'pipefail', '-c', line], { cwd: root, encoding: 'utf8' })
    expect(done.status, `${line}\n${done.stderr}`).toBe(0)
  }
}

test('what a dry run of a backup prints can be typed, and makes its files under their names', async () => {
  const site = await restorable({
    data: 'data: { name: mosaic, sources: [uploads], to: drive }',
    config: 'version: { file: VERSION }\n',
  })
  const { root, kg } = site
  site.repo.commit('A version', { VERSION: '1.4.0\n' })
  const files = () =>
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => /^(?:backups|data|drive|releases)\//.test(name) && /\.[a-z0-9]+$/.test(name))
      .map((name) => name.replaceAll(/\d{8}_\d{6}Z|\d{13}/g, 'T').replace(/\d{4}\/\d\d-\d\d/, 'DAY'))
      .filter((name) => !name.startsWith('data/app.db'))
  const made: Record<string, string[]> = {
    full: ['backups/full/database-T.db'],
    set: ['CHECKSUM.sha256', 'database/database.db', 'files/uploads.tar.gz', 'git/repo.bundle'].map(
      (name) => `backups/set-T/${name}`,
    ),
    site: ['backups/site-backup_T.zip'],
    bundle: ['releases/mosaic-v1.4.0-T.tar.gz'],
    data: ['drive/DAY/mosaic-T.tar.gz', 'drive/DAY/mosaic-T.tar.gz.sha256'],
  }
  for (const [kind, names] of Object.entries(made)) {
    const dry = await kg('backup', kind, '--dry-run')
    expect(dry.exit, dry.err).toBe(0)
    typed(root, dry.out)
    expect(files(), kind).toEqual(expect.arrayContaining(names))
  }
  const [set = ''] = readdirSync(join(root, 'backups')).filter((name) => name.startsWith('set-'))
  execFileSync('sha256sum', ['--check', '--quiet', 'CHECKSUM.sha256'], { cwd: join(root, 'backups', set) })
  execFileSync('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: join(root, 'releases') })
  expect(existsSync(join(root, 'backups', set, '.knowngood'))).toBe(false)
  expect(readdirSync(join(root, 'backups')).filter((name) => name.includes('.partial'))).toEqual([])
})

test('the working tree is packed by hand as the program packs it, file by file, and what differs is said', async () => {
  const site = await restorable({ config: '', set: ['database', 'uploads', 'git'] })
  const { root, kg } = site
  const config = readFileSync(join(root, 'knowngood.yaml'), 'utf8')
  const exclude = "  site: { exclude: ['*.log', 'docs/*.pdf', 'a[b]', 'deep/in/', './only/here'] }\n  set: {"
  writeFileSync(join(root, 'knowngood.yaml'), config.replace('  set: {', exclude))
  const files = [
    'app.log',
    'sub/other.log',
    'docs/a.pdf',
    'docs/more/b.pdf',
    'a[b]/x',
    'ab/x',
    'deep/in/x',
    'deep/inner/x',
  ]
  const more = ['only/here', 'sub/only/here', 'coverage/x', 'sub/coverage/x', 'node_modules/x', 'sub/node_modules/x']
  const names = ['.env', '.env.example', "it's here", 'two\twords', 'ümlaut', '-rf', 'sub/.DS_Store', 'sub/.git/config']
  for (const name of [...files, ...more, ...names]) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), name === '.env' ? 'KEY=value\n' : name)
  }
  mkdirSync(join(root, 'empty'))
  symlinkSync('ab/x', join(root, 'link'))
  const dry = await kg('backup', 'site', '--dry-run')
  expect(dry.out).toContain('$ # left out as well, whatever they hold: environment files')
  typed(root, dry.out)
  const [hand = ''] = zips(root)
  const listed = entries(join(root, 'backups', hand))
  renameSync(join(root, 'backups', hand), join(root, '..', 'by-hand.zip'))
  expect((await kg('backup', 'site')).exit).toBe(0)
  const [own = ''] = zips(root)
  expect(listed).toEqual(entries(join(root, 'backups', own)))
  expect(listed).toEqual(
    expect.arrayContaining(["it's here", 'ab/x', 'deep/inner/x', 'docs/more/b.pdf', 'empty/', 'link']),
  )
})

test('what a dry run of a removal prints takes the exports along', async () => {
  const site = await restorable()
  const id = await site.backup('full')
  const made = () => readdirSync(join(site.root, 'backups/full'))
  expect(made().length).toBeGreaterThan(1)
  const { out } = await site.kg('delete', id, '--dry-run')
  const line = /^ +\$ (rm .*)$/m.exec(out)?.[1] ?? ''
  execFileSync('sh', ['-c', line], { cwd: site.root })
  expect(made()).toEqual([])
})

const zips = (root: string) => readdirSync(join(root, 'backups')).filter((name) => name.endsWith('.zip'))
const entries = (zip: string) =>
  execFileSync('zipinfo', ['-1', zip], { encoding: 'utf8' }).trim().split('\n').toSorted()

import { execFileSync, spawnSync } from 'node:child_process'
import { lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { list } from 'tar'
import { expect, test } from 'vitest'
import { sha256File } from '../../src/archive/checksum.ts'
import { extractTarGz, listTarGz } from '../../src/archive/tar-read.ts'
import { writeTarGz } from '../../src/archive/tar-write.ts'
import { temporaryFolder } from '../helpers/temp.ts'
import { oddTree, sameTree } from '../helpers/trees.ts'

test('a tree comes back as it was, names, modes, times, links and empty folders', async () => {
  const dir = temporaryFolder()
  const root = await oddTree(join(dir, 'tree'))
  const to = join(dir, 'out.tar.gz')
  const result = await writeTarGz({ root, exclude: [], to, prefix: 'site' })
  expect(result).toMatchObject({ unsettled: [], skipped: [], bytes: lstatSync(to).size, sha256: await sha256File(to) })
  expect(lstatSync(to).mode & 0o777).toBe(0o600)
  await extractTarGz(to, join(dir, 'back'))
  sameTree(root, join(dir, 'back/site'))
  expect(readdirSync(dir).toSorted()).toEqual(['back', 'out.tar.gz', 'tree'])
})

test('GNU tar unpacks the same tree, and the reader of npm lists the same names', async () => {
  const dir = temporaryFolder()
  const root = await oddTree(join(dir, 'tree'))
  const to = join(dir, 'out.tar.gz')
  await writeTarGz({ root, exclude: [], to })
  await mkdir(join(dir, 'back'))
  execFileSync('tar', ['-xzf', to, '-C', join(dir, 'back')])
  sameTree(root, join(dir, 'back'))
  const names: string[] = []
  await list({ file: to, strict: true, onReadEntry: (entry) => names.push(entry.path) })
  // It cuts long names that are no UTF-8.
  const valid = (name: string) => !name.includes('\ufffd')
  const ours = (await listTarGz(to)).map((entry) => entry.name.toString('utf8'))
  expect(names.filter(valid)).toEqual(ours.filter(valid))
})

test("GNU tar's archives are read in each of its formats", async () => {
  const dir = temporaryFolder()
  const root = await oddTree(join(dir, 'tree'))
  for (const format of ['gnu', 'posix', 'oldgnu']) {
    const to = join(dir, `${format}.tar.gz`)
    execFileSync('tar', ['-czf', to, `--format=${format}`, '-C', root, '.'])
    await extractTarGz(to, join(dir, format))
    sameTree(root, join(dir, format))
  }
})

test('git archive is read, and one file or folder can be taken out', async () => {
  const dir = temporaryFolder()
  const git = (...args: string[]) => execFileSync('git', args, { cwd: dir, stdio: 'pipe' })
  await mkdir(join(dir, 'a/b'), { recursive: true })
  await writeFile(join(dir, 'a/b/one'), '1')
  await writeFile(join(dir, 'a/b/two'), '22')
  await writeFile(join(dir, 'other'), '333')
  git('init', '-q')
  git('add', '-A')
  git('-c', 'user.name=a', '-c', 'user.email=a@b.c', 'commit', '-qm', 'x')
  git('archive', '--format=tar.gz', '-o', 'x.tar.gz', 'HEAD')
  const archive = join(dir, 'x.tar.gz')
  expect(await extractTarGz(archive, join(dir, 'file'), { only: 'a/b/two' })).toEqual({ entries: 1, bytes: 2 })
  expect(await readFile(join(dir, 'file/a/b/two'), 'utf8')).toBe('22')
  expect(await extractTarGz(archive, join(dir, 'folder'), { only: './a/' })).toMatchObject({ bytes: 3 })
  await expect(extractTarGz(archive, join(dir, 'none'), { only: 'b' })).rejects.toThrow('b is not in')
  expect(readdirSync(dir).toSorted()).toEqual(['.git', 'a', 'file', 'folder', 'other', 'x.tar.gz'])
})

test('made elsewhere from the same files, a reproducible archive has the same bytes', async () => {
  const dir = temporaryFolder()
  const one = await oddTree(join(dir, 'one'))
  spawnSync('cp', ['-r', '--no-preserve=timestamps,ownership', one, join(dir, 'two')])
  spawnSync('chmod', ['-R', 'g+w', join(dir, 'two')])
  const made = await Promise.all(
    ['one', 'two'].map((name) =>
      writeTarGz({
        root: join(dir, name),
        exclude: [],
        to: join(dir, `${name}.tar.gz`),
        reproducible: { mtime: 1_700_000_000 },
      }),
    ),
  )
  expect(made[0]?.sha256).toBe(made[1]?.sha256)
  const [entry] = await listTarGz(join(dir, 'one.tar.gz'))
  expect(entry?.modified.toISOString()).toBe('2023-11-14T22:13:20.000Z')
})

test('an empty tree, a taken name and a link out are refused and leave nothing; pipes are named', async () => {
  const dir = temporaryFolder()
  const root = join(dir, 'tree')
  await mkdir(root)
  const to = join(dir, 'out.tar.gz')
  await expect(writeTarGz({ root, exclude: [], to })).rejects.toThrow('nothing to archive')
  await writeFile(join(root, 'file'), 'x')
  execFileSync('mkfifo', [join(root, 'pipe')])
  execFileSync('ln', ['-s', '../../out', join(root, 'link')])
  await expect(writeTarGz({ root, exclude: [], to })).rejects.toThrow('leads out')
  await writeTarGz({ root, exclude: ['link'], to }).then((made) => expect(made.skipped).toEqual(['pipe']))
  await expect(writeTarGz({ root, exclude: ['link'], to })).rejects.toThrow('exists already')
  expect(readdirSync(dir).toSorted()).toEqual(['out.tar.gz', 'tree'])
  expect(readlinkSync(join(root, 'link'))).toBe('../../out')
})

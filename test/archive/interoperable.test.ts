import { execFileSync } from 'node:child_process'
import { lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { extractTarGz, listTarGz } from '../../src/archive/tar-read.ts'
import { writeTarGz } from '../../src/archive/tar-write.ts'
import { extractZip, listZip } from '../../src/archive/zip-read.ts'
import { writeZip } from '../../src/archive/zip-write.ts'
import { missing } from '../helpers/needs.ts'
import { memoryFolder, oddTree, sameTree } from '../helpers/trees.ts'

const UTF8 = { env: { ...process.env, LC_ALL: 'C.UTF-8' } }

/** What a tool does to test or unpack an archive into a folder that is there. */
type Tool = { program: string; needs: string; args(archive: string, to: string): string[]; unpacks: boolean }

const ZIP_TOOLS: Tool[] = [
  { program: 'unzip', needs: 'unzip', args: (archive) => ['-tq', archive], unpacks: false },
  { program: '7z', needs: 'p7zip-full', args: (archive) => ['t', '-bd', archive], unpacks: false },
  { program: 'unzip', needs: 'unzip', args: (archive, to) => ['-q', '-^', archive, '-d', to], unpacks: true },
  { program: 'bsdtar', needs: 'libarchive-tools', args: (archive, to) => ['-xpf', archive, '-C', to], unpacks: true },
]
const TAR_TOOLS: Tool[] = [
  { program: 'gzip', needs: 'gzip', args: (archive) => ['-t', archive], unpacks: false },
  { program: '7z', needs: 'p7zip-full', args: (archive) => ['t', '-bd', archive], unpacks: false },
  { program: 'tar', needs: 'tar', args: (archive, to) => ['-xpzf', archive, '-C', to], unpacks: true },
  { program: 'bsdtar', needs: 'libarchive-tools', args: (archive, to) => ['-xpf', archive, '-C', to], unpacks: true },
]

/** Names that are no UTF-8, and a backslash in a name, are each tool's own affair; ours come back by our own reader. */
async function plainTree(dir: string): Promise<string> {
  const root = await oddTree(join(dir, 'tree'))
  for (const odd of ['l*-*', 'back*'])
    execFileSync('find', [root, '-name', odd, '-type', 'f', '-delete'], { env: { ...process.env, LC_ALL: 'C' } })
  return root
}

async function opened(make: 'zip' | 'tar', tool: Tool): Promise<void> {
  const dir = memoryFolder()
  const root = await plainTree(dir)
  const archive = join(dir, make === 'zip' ? 'x.zip' : 'x.tar.gz')
  await (make === 'zip' ? writeZip : writeTarGz)({ root, exclude: [], to: archive })
  const back = join(dir, 'back')
  mkdirSync(back)
  execFileSync(tool.program, tool.args(archive, back), { ...UTF8, stdio: 'pipe' })
  if (tool.unpacks) sameTree(root, back)
}

for (const tool of ZIP_TOOLS)
  test.skipIf(missing(tool.program))(
    `${tool.program} ${tool.unpacks ? 'unpacks' : 'tests'} a zip (needs ${tool.needs})`,
    () => opened('zip', tool),
  )
for (const tool of TAR_TOOLS)
  test.skipIf(missing(tool.program))(
    `${tool.program} ${tool.unpacks ? 'unpacks' : 'tests'} a .tar.gz (needs ${tool.needs})`,
    () => opened('tar', tool),
  )

test.skipIf(missing('python3'))('Python reads both, with every name and every byte (needs python3)', async () => {
  const dir = memoryFolder()
  const root = await oddTree(join(dir, 'tree'))
  await writeZip({ root, exclude: [], to: join(dir, 'x.zip') })
  await writeTarGz({ root, exclude: [], to: join(dir, 'x.tar.gz') })
  const script = [
    'import sys, zipfile, tarfile, zlib',
    'z = zipfile.ZipFile(sys.argv[1]); t = tarfile.open(sys.argv[2])',
    'print(z.testzip(), len(z.namelist()), len(t.getmembers()))',
    'files = [m for m in t.getmembers() if m.isreg()]',
    'print(all(len(t.extractfile(m).read()) == m.size for m in files))',
  ].join('\n')
  const seen = execFileSync('python3', ['-c', script, join(dir, 'x.zip'), join(dir, 'x.tar.gz')], { encoding: 'utf8' })
  const [zip, tar] = [await listZip(join(dir, 'x.zip')), await listTarGz(join(dir, 'x.tar.gz'))]
  expect(seen).toBe(`None ${zip.length} ${tar.length}\nTrue\n`)
})

const PACKERS: { program: string; needs: string; name: string; args: string[] }[] = [
  { program: 'zip', needs: 'zip', name: '../x.zip', args: ['-qry', '../x.zip', '.'] },
  { program: 'bsdtar', needs: 'libarchive-tools', name: '../x.tar.gz', args: ['-czf', '../x.tar.gz', '.'] },
  {
    program: 'python3',
    needs: 'python3',
    name: '../x.tar.gz',
    args: ['-c', "import tarfile; t = tarfile.open('../x.tar.gz', 'w:gz'); t.add('.'); t.close()"],
  },
]
for (const { program, needs, name, args } of PACKERS)
  test.skipIf(missing(program))(`what ${program} packs is unpacked (needs ${needs})`, async () => {
    const dir = memoryFolder()
    const root = await plainTree(dir)
    // bsdtar keeps its holes in a form of GNU's that only tar reads; it is refused.
    rmSync(join(root, 'sparse'))
    execFileSync(program, args, { cwd: root, stdio: 'pipe', ...UTF8 })
    await (name.endsWith('.zip') ? extractZip : extractTarGz)(join(root, name), join(dir, 'back'))
    sameTree(root, join(dir, 'back'))
  })

test('an archive with more than 65,535 entries opens everywhere', async () => {
  const dir = memoryFolder()
  const root = join(dir, 'tree')
  for (let folder = 0; folder < 70; folder += 1) {
    mkdirSync(join(root, String(folder)), { recursive: true })
    for (let file = 0; file < 950; file += 1) writeFileSync(join(root, String(folder), String(file)), '')
  }
  const { entries } = await writeZip({ root, exclude: [], to: join(dir, 'x.zip') })
  expect(entries).toBe(70 * 951)
  expect(await listZip(join(dir, 'x.zip'))).toHaveLength(entries)
  if (!missing('unzip')) execFileSync('unzip', ['-tqq', join(dir, 'x.zip')])
  if (missing('python3')) return
  const script = 'import sys, zipfile; print(len(zipfile.ZipFile(sys.argv[1]).namelist()))'
  expect(execFileSync('python3', ['-c', script, join(dir, 'x.zip')], { encoding: 'utf8' }).trim()).toBe(String(entries))
}, 60_000)

test('a sparse file of more than 4 GB is packed and comes back, its hole still one', async () => {
  const dir = memoryFolder()
  const root = join(dir, 'tree')
  mkdirSync(root)
  const size = 4_400_000_000
  writeFileSync(join(root, 'huge'), 'beginning')
  execFileSync('truncate', ['-s', String(size), join(root, 'huge')])
  await writeZip({ root, exclude: [], to: join(dir, 'x.zip') })
  expect((await listZip(join(dir, 'x.zip')))[0]).toMatchObject({ size })
  await extractZip(join(dir, 'x.zip'), join(dir, 'back'))
  expect(lstatSync(join(dir, 'back/huge'))).toMatchObject({ size })
  expect(lstatSync(join(dir, 'back/huge')).blocks * 512).toBeLessThan(1 << 20)
}, 120_000)

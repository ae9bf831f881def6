import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, globSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { built } from './built.ts'
import { repository } from './repository.ts'
import { resticOnS3 } from './s3.ts'

/** Writes the peak of a program's memory behind its name when it ends. */
const PEAK = `data:text/javascript,import{appendFileSync}from'node:fs';process.on('exit',()=>appendFileSync(process.env.PEAKS,process.resourceUsage().maxRSS+'\\n'))`

/** What a trip took: seconds by its part, bytes on the server after the first and the second copy, the peak of our own memory. */
type Trip = { spent: Record<string, number>; bytes: number[]; peak: number; files: number; same: boolean }

/**
 * A repository of so many files: its site backup goes to restic on an S3 server, `again` once more after one file was changed, and read
 * back there; it is taken by restic alone into the clone of somebody who has nothing else, and put back by Knowngood, byte for byte.
 */
export async function thereAndBack(count: number, folder: string, again: boolean): Promise<Trip> {
  const s3 = await resticOnS3(folder)
  const repo = repository()
  for (let n = 0; n < count; n += 1) {
    const path = join(repo.root, `src/${Math.floor(n / 500)}`, `file-${n}.txt`)
    if (n % 500 === 0) mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text(n))
  }
  repo.write('.gitignore', '.knowngood/\nbackups/\nout/\n')
  repo.write('knowngood.yaml', `mirrors: [{ use: restic, to: "${s3.to}", kinds: [site], latest: 2 }]\n`)
  repo.commit('Grow')
  repo.sh('push', '--quiet', 'origin', 'main')
  const spent: Record<string, number> = {}
  const peaks = join(folder, 'peaks')
  const kg = async (name: string, cwd: string, ...args: string[]) => {
    const began = performance.now()
    const { AWS_CA_BUNDLE: _, ...own } = process.env
    const env = { ...own, ...s3.env, NODE_OPTIONS: `--import ${PEAK}`, PEAKS: peaks }
    const [program = '', ...words] = built(...args, '--json')
    const out = await new Promise<string>((done, failed) => {
      execFile(program, words, { cwd, env, maxBuffer: 1 << 28 }, (error, stdout, stderr) =>
        error === null ? done(stdout) : failed(new Error(`${args.join(' ')}: ${stdout}${stderr}`)),
      )
    })
    spent[name] = (performance.now() - began) / 1000
    return JSON.parse(out) as Record<string, unknown>
  }
  let id = String((await kg('backup', repo.root, 'backup', 'site'))['backupId'])
  await kg('push', repo.root, 'mirror', 'push')
  const bytes = [s3.bytes()]
  if (again) {
    repo.write('src/0/file-0.txt', 'changed\n')
    id = String((await kg('backup again', repo.root, 'backup', 'site'))['backupId'])
    await kg('push again', repo.root, 'mirror', 'push')
    bytes.push(s3.bytes())
    await kg('read back', repo.root, 'mirror', 'check')
  }
  const taken = join(folder, 'taken')
  s3.restic('restore', 'latest', '--tag', `id=${id}`, '--target', taken)
  const other = repo.clone()
  mkdirSync(join(other.root, 'backups'), { recursive: true })
  for (const file of globSync('**/site-backup_*', { cwd: taken }))
    cpSync(join(taken, file), join(other.root, 'backups', file.split('/').at(-1) ?? ''))
  await kg('restore', other.root, 'restore', id, '--to', 'out')
  const out = globSync('out/**/src', { cwd: other.root })[0] ?? 'out'
  const names = readdirSync(join(other.root, out), { recursive: true, encoding: 'utf8' })
  const files = names.filter((name) => name.endsWith('.txt'))
  const same = digest(join(other.root, out), files) === digest(join(repo.root, 'src'), files)
  const peak = Math.max(...readFileSync(peaks, 'utf8').trim().split('\n').map(Number)) * 1024
  return { spent, bytes, peak, files: files.length, same }
}

function text(n: number): string {
  return `${n}: ${createHash('sha256').update(String(n)).digest('hex')}\n`.repeat(3)
}

function digest(root: string, names: readonly string[]): string {
  const hash = createHash('sha256')
  for (const name of names.toSorted()) hash.update(name).update(readFileSync(join(root, name)))
  return hash.digest('hex')
}

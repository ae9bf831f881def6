import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { availableParallelism, freemem, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PreviousZip } from '../../src/archive/zip-previous.ts'
import { changeSome, makeCorpus } from './archive-corpus.ts'
import { bundleOurs, has, peer } from './archive-peer.ts'
import type { Done } from './archive-task.ts'
import { median } from './measure.ts'

/**
 * How fast archives are made, checked and read, each beside what everybody has. The condition is two idle cores. `--smoke`: a
 * twentieth of the files and one round, to see that it works. `--share=0.2 --rounds=3` say how much otherwise.
 *
 * Everyone begins alike: what others wrote is on the disk, what will be read is in memory, and memory is at hand: a virtual
 * machine is given its memory a page at a time, and it is taken away again from who leaves it idle. What was unpacked stays until the
 * end: ext4 looks for a long time at inodes that were freed within the last minutes before it gives out others, whoever asks.
 * The start of our own process is not counted, the syncs that make a result durable are; no peer syncs, so `unzip` has a second row in which it does.
 */
const smoke = process.argv.includes('--smoke')
const rounds = option('rounds') ?? (smoke ? 1 : 5)
const share = option('share') ?? (smoke ? 0.05 : 1)
const folder = mkdtempSync(join(tmpdir(), 'knowngood-archives-'))
const at = (name: string): string => join(folder, name)
const site = at('site')
const ours = await bundleOurs(at('ours-bundled'))
const restic = ['restic', '-q', '-r', at('restic'), '--password-file', at('password')]
const samples: Record<string, Done[]> = {}
/** Memory (bytes) that is fetched from the host, more than the hungriest needs; in an own process, which gives it back free. */
const AT_HAND = Math.floor(Math.min(2 ** 31, freemem() / 2))
const FETCH = `const all = Buffer.allocUnsafeSlow(${AT_HAND}); for (let at = 0; at < all.length; at += 4096) all[at] = 1`

try {
  console.log('Making the corpus…')
  const { paths, bytes } = makeCorpus(site, share)
  prepare(paths)
  let last = await first()
  for (let round = 0; round < rounds; round += 1) last = await once(round, paths, last)
  const busy = loadavg()[0]?.toFixed(1)
  console.log(
    `\n${paths.length} files, ${mb(bytes)}; medians of ${rounds} interleaved rounds, ${availableParallelism()} cores, load ${busy}\n`,
  )
  table()
  await sparse(smoke ? 1 : 20)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function option(name: string): number | null {
  const found = process.argv.find((word) => word.startsWith(`--${name}=`))
  return found === undefined ? null : Number(found.slice(name.length + 3))
}

/** What the peers need: a git repository of the tree, a list of checksums, a large file, and a repository of restic's. */
function prepare(paths: readonly string[]): void {
  const sh = (script: string): void => void execFileSync('sh', ['-c', script], { cwd: site, stdio: 'pipe' })
  const config = '-c user.name=a -c user.email=a@example.com -c core.bigFileThreshold=1m'
  sh(`git ${config} init -q && git add -A && git ${config} commit -qm all && git repack -adq && mv .git ../repository`)
  writeFileSync(at('names'), paths.toSorted().join('\n'))
  sh(`tr '\\n' '\\0' < ${at('names')} | xargs -0 sha256sum -- > ${at('SUMS')}`)
  sh(`tar -cf ${at('image.tar')} build dumps media`)
  writeFileSync(at('password'), 'benchmark')
  if (has('restic')) sh([...restic, 'init'].join(' '))
}

/** The disk at rest, what the next will read in memory, and memory at hand. */
function settle(previous: string): void {
  const read = [at('image.tar'), previous, at('fresh.zip')].filter((path) => existsSync(path)).join(' ')
  execFileSync('sh', ['-c', `sync; find . -type f -print0 | xargs -0 cat > /dev/null; cat ${read} > /dev/null`], {
    cwd: site,
  })
  execFileSync(process.execPath, ['-e', FETCH])
}

async function keep(name: string, work: Promise<Done>): Promise<Done> {
  const done = await work
  ;(samples[name] ??= []).push(done)
  return done
}

/** The first archive, which the first round's is made from; nothing of it counts. */
async function first(): Promise<PreviousZip> {
  if (has('restic')) await peer([...restic, 'backup', '.'], site)
  const { sha256 } = await ours({ do: 'zip', root: site, to: at('0.zip'), index: at('0.index') })
  return { path: at('0.zip'), sha256, index: at('0.index') }
}

async function once(round: number, paths: readonly string[], previous: PreviousZip): Promise<PreviousZip> {
  process.stdout.write(`round ${round + 1} of ${rounds}\n`)
  await work('verify', () => ours({ do: 'verify', root: site, list: at('SUMS') }))
  await work('sha256sum', () => peer(['sha256sum', '--quiet', '-c', at('SUMS')], site))
  changeSome(site, paths, round)
  execFileSync('sh', ['-c', `tr '\\n' '\\0' < ${at('names')} | xargs -0 sha256sum -- > ${at('SUMS')}`], { cwd: site })
  // A file written within two seconds of its being read is not trusted the next time.
  await sleep(2_100)
  const next = { path: at(`${round + 1}.zip`), index: at(`${round + 1}.index`) }
  const { sha256 } = await work('next', () =>
    ours({ do: 'zip', root: site, to: next.path, index: next.index, previous }),
  )
  if (has('restic')) await work('restic', () => peer([...restic, 'backup', '.'], site))
  await work('first', () => ours({ do: 'zip', root: site, to: at('fresh.zip'), index: at('fresh.index') }))
  if (has('zip')) await work('zip', () => peer(['zip', '-qry', at('peer.zip'), '.'], site, at('peer.zip')))
  await work('unzip', () => ours({ do: 'unzip', from: at('fresh.zip'), to: at(`ours-${round}`) }))
  if (has('unzip')) {
    const unzip = (to: string): string => `unzip -q ${at('fresh.zip')} -d ${to}`
    await work('unzip peer', () => peer(['sh', '-c', unzip(at(`theirs-${round}`))], site))
    const synced = at(`synced-${round}`)
    await work('unzip and sync', () => peer(['sh', '-c', `${unzip(synced)} && sync -f ${synced}`], site))
  }
  await work('bundle', () => ours({ do: 'tar', root: site, to: at('ours.tar.gz') }))
  const pipe = `git --git-dir=../repository archive HEAD | gzip -6 > ${at('peer.tar.gz')}`
  await work('git archive', () => peer(['sh', '-c', pipe], site, at('peer.tar.gz')))
  await work('gzip', () => ours({ do: 'gzip', from: at('image.tar'), to: at('ours.gz') }))
  for (const [name, command] of [
    ['gzip peer', 'gzip -6'],
    ['pigz', 'pigz'],
  ] as const)
    if (has(command.split(' ')[0] ?? ''))
      await work(name, () =>
        peer(['sh', '-c', `${command} -c ${at('image.tar')} > ${at('peer.gz')}`], site, at('peer.gz')),
      )
  for (const name of ['fresh.zip', 'fresh.index', 'peer.zip', 'ours.tar.gz', 'peer.tar.gz', 'ours.gz', 'peer.gz'])
    rmSync(at(name), { recursive: true, force: true })
  rmSync(previous.path, { force: true })
  return { ...next, sha256 }

  async function work(name: string, does: () => Promise<Done>): Promise<Done> {
    settle(previous.path)
    return keep(name, does())
  }
}

function table(): void {
  const rows: [string, string, string, number, number | null][] = [
    ['first site snapshot (.zip)', 'first', 'zip -ry', 4, 1.08],
    ['the next one, 1 % changed', 'next', 'zip -ry', 18, null],
    ['the next one, 1 % changed', 'next', 'restic backup', 1, null],
    ['release bundle (.tar.gz)', 'bundle', 'git archive | gzip -6', 2.5, 1.05],
    ['images and dumps (.gz)', 'gzip', 'gzip -6', 3, null],
    ['images and dumps (.gz)', 'gzip', 'pigz', 1, null],
    ['verify every byte', 'verify', 'sha256sum -c', 3, null],
    ['restore the zip', 'unzip', 'unzip', 2, null],
    ['restore the zip', 'unzip', 'unzip and sync', 2, null],
  ]
  const keys: Record<string, string> = {
    'zip -ry': 'zip',
    'restic backup': 'restic',
    'git archive | gzip -6': 'git archive',
    'gzip -6': 'gzip peer',
    'sha256sum -c': 'sha256sum',
    unzip: 'unzip peer',
  }
  line('work', 'peer', 'ours', 'peer', 'faster', 'reach', 'size', 'memory')
  for (const [what, mine, their, reach, size] of rows) {
    const [us, them] = [of(mine), of(keys[their] ?? their)]
    if (us === null) continue
    const memory = `${us.peakMb.toFixed(0)} MB ${mark(us.peakMb <= 300)}`
    if (them === null) line(what, their, seconds(us), 'not installed', '', '', '', memory)
    else {
      const faster = them.ms / us.ms
      const ratio = size === null && them.bytes === 0 ? '' : (us.bytes / them.bytes).toFixed(3)
      const fits = size === null ? '' : ` ${mark(us.bytes <= them.bytes * size)} ≤ ${size}`
      line(
        what,
        their,
        seconds(us),
        seconds(them),
        `${faster.toFixed(2)} ×`,
        `${mark(faster >= reach)} ≥ ${reach} ×`,
        ratio + fits,
        memory,
      )
    }
  }
}

/** One file that is nearly all hole: neither time nor memory may go with its length. */
async function sparse(gb: number): Promise<void> {
  writeFileSync(at('sparse'), 'beginning')
  truncateSync(at('sparse'), gb * 2 ** 30)
  rmSync(site, { recursive: true })
  execFileSync('sh', ['-c', `mkdir ${site} && mv ${at('sparse')} ${site}`])
  const zip = await ours({ do: 'zip', root: site, to: at('sparse.zip'), index: at('sparse.index') })
  const back = await ours({ do: 'unzip', from: at('sparse.zip'), to: at('back') })
  console.log(
    `\none sparse file of ${gb} GB: packed in ${seconds(zip)} with ${zip.peakMb.toFixed(0)} MB ${mark(zip.peakMb <= 300)}, back in ${seconds(back)} with ${back.peakMb.toFixed(0)} MB ${mark(back.peakMb <= 300)}`,
  )
}

function of(name: string): Done | null {
  const found = samples[name]
  if (found === undefined) return null
  const middle = (pick: (one: Done) => number): number => median(found.map(pick))
  return {
    ms: middle(({ ms }) => ms),
    bytes: middle((one) => one.bytes),
    peakMb: Math.max(...found.map((one) => one.peakMb)),
    sha256: '',
  }
}

function line(...cells: string[]): void {
  const widths = [27, 22, 9, 14, 9, 9, 16, 10]
  console.log(
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join(' ')
      .trimEnd(),
  )
}

/** A small run says nothing about speed. */
function mark(holds: boolean): string {
  if (smoke) return ' '
  return holds ? '✓' : '✗'
}

function seconds({ ms }: Done): string {
  return `${(ms / 1_000).toFixed(2)} s`
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`
}

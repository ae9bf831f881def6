import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { built } from '../helpers/built.ts'
import { open } from '../helpers/pty.ts'
import { bigRepository, manyBackups } from './big-repository.ts'
import { interleaved, timeToEnd, timeToScreen } from './measure.ts'
import { stormOfLines } from './storm.ts'

/** The figures of the product's speed, each as a ratio to something everybody has. `--smoke`: few rounds, a short storm. */
const smoke = process.argv.includes('--smoke')
const rounds = smoke ? 3 : 11
const node = process.execPath
const folder = mkdtempSync(join(tmpdir(), 'knowngood-bench-'))
// Neither the operator's own preferences nor what others write into them meanwhile.
process.env['KNOWNGOOD_CONFIG_DIR'] = join(folder, 'preferences')
let buildId = ''
const site = createServer((_, response) => response.end(`<!-- BUILD_ID:${buildId} -->`)).listen(0, '127.0.0.1')
await new Promise((resolve) => site.once('listening', resolve))
const address = site.address()
const port = typeof address === 'object' && address !== null ? address.port : 0

try {
  console.log(`Making a repository with 10,000 commits, 500 tags, 1,000 deploy logs and 1,000 quick backups…`)
  const { root, live } = bigRepository(folder, `http://127.0.0.1:${port}`)
  buildId = live
  const crowded = manyBackups(folder, root)
  const dashboard = { cwd: root, first: /shop/, complete: /BUILD_ID matches/, pending: /checking…/, leave: 'q' }
  const hello = fileURLToPath(new URL('hello.js', import.meta.url))
  const at = await interleaved(
    [
      async () => ({ node: await timeToEnd([node, '-e', '0'], root) }),
      async () => ({ version: await timeToEnd(built('--version'), root) }),
      async () => ({
        hello: (await timeToScreen([node, hello], { ...dashboard, first: /hello/, complete: /hello/, leave: '' }))
          .first,
      }),
      async () => {
        const { first, complete } = await timeToScreen(built(), dashboard)
        return { first, complete }
      },
      async () => ({ gitStatus: await timeToEnd(['git', 'status'], root) }),
      async () => ({ gitBoth: await timeToEnd(['sh', '-c', 'git status && git tag'], root) }),
      async () => ({ statusJson: await timeToEnd(built('status', '--json'), root) }),
      async () => ({ backups: await timeToEnd(built('backups'), crowded) }),
    ],
    rounds,
  )
  const of = (name: string) => at[name] ?? Number.NaN
  console.log(`\nMedians of ${rounds} interleaved rounds (Node ${process.versions.node})`)
  ratio('knowngood --version / node -e 0', of('version'), of('node'), 1.5)
  ratio('first dashboard frame / first frame of a bare Ink hello-world', of('first'), of('hello'), 0.5)
  ratio('first dashboard frame / node -e 0', of('first'), of('node'), 4.5)
  ratio('complete values, from the start / (git status && git tag)', of('complete'), of('gitBoth'), null)
  ratio(
    'complete values, after the first frame / (git status && git tag)',
    of('complete') - of('first'),
    of('gitBoth'),
    2,
  )
  ratio('status --json / git status', of('statusJson'), of('gitStatus'), null)
  ratio('backups, 10,000 of them / first frame of a bare Ink hello-world', of('backups'), of('hello'), 1)
  ratio('backups, 10,000 of them / first dashboard frame', of('backups'), of('first'), null)
  row('idle dashboard, bytes per second', String(await idleBytes(root, smoke ? 3_000 : 10_000)), 'at most 0')

  const storm = await stormOfLines(root, smoke ? 100_000 : 1_000_000)
  console.log(`\nA child printing ${storm.lines.toLocaleString('en')} lines, watched on the dashboard`)
  row(
    'a key is answered within (median, worst)',
    `${storm.keyMs.toFixed(0)} ms, ${storm.keyWorstMs.toFixed(0)} ms`,
    'at most 100 ms',
  )
  row('frames per second', storm.framesASecond.toFixed(1), 'at most 10')
  row('memory: the screen, the run', `${storm.screenMb.toFixed(0)} MB, ${storm.runMb.toFixed(0)} MB`, '')
} finally {
  site.close()
  site.closeAllConnections()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}

function row(what: string, value: string, goal: string): void {
  console.log(`  ${what.padEnd(66)}${value.padStart(18)}  ${goal}`)
}

function ratio(what: string, ours: number, theirs: number, goal: number | null): void {
  const value = ours / theirs
  row(
    what,
    `${value.toFixed(2)} (${ours.toFixed(0)}/${theirs.toFixed(0)} ms)`,
    goal === null ? '' : `${value <= goal ? '✓' : '✗'} at most ${goal}`,
  )
}

async function idleBytes(root: string, ms: number): Promise<number> {
  const screen = open({ argv: built(), cwd: root })
  await screen.waitFor(/BUILD_ID matches/, 30_000)
  await screen.waitGone(/checking…/)
  await sleep(1_000)
  const before = screen.bytes()
  await sleep(ms)
  const written = screen.bytes() - before
  screen.send('q')
  await screen.waitExit()
  return Math.round((written * 1000) / ms)
}

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EXIT, messageOf } from '../core/failure.ts'
import type { ExitCode } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'
import { short } from '../core/naming.ts'
import { now } from '../world/clock.ts'
import { commitBadRelease } from './bad-release.ts'
import type { Demo } from './demo.ts'
import { git } from './git.ts'
import { makeGuide, TourDeviation } from './guide.ts'
import type { Guide } from './guide.ts'
import { badChapter } from './bad-release.ts'
import { lookLive, onRemote, quickRecords, remoteTags, remoteTree } from './look.ts'

/** What is known by the end: the tag of the good release, and the commits that were live, in order. */
type Findings = { tag: string; live: string[] }

/**
 * The whole flow for real, without a terminal: kickoff, backup, gate, deploy, live reads, a bad release, rollback.
 * Ends with 0 when every step went as it must, and otherwise says which one did not.
 */
export async function runTour(
  demo: Demo,
  how: { json: boolean; signal: AbortSignal },
): Promise<{ exit: ExitCode; data: JsonRecord; lines: readonly string[] }> {
  const out = how.json ? process.stderr : process.stdout
  const guide = makeGuide(demo, (line) => out.write(`${line}\n`), how.signal)
  const began = performance.now()
  let deviation: string | null = null
  const found: Findings = { tag: '', live: [] }
  try {
    await begin(demo, guide, found)
    await goodRelease(demo, guide, found)
    const bad = await badRelease(demo, guide)
    await wayBack(demo, guide, found, bad)
    await books(demo, guide)
  } catch (error) {
    if (!(error instanceof TourDeviation)) throw error
    deviation = messageOf(error)
  }
  const ms = Math.round(performance.now() - began)
  const data = { success: deviation === null, deviation, tag: found.tag, live: found.live, steps: guide.steps, ms }
  return { exit: deviation === null ? EXIT.done : EXIT.notPutBack, data, lines: summary(guide, found, deviation, ms) }
}

async function begin(demo: Demo, guide: Guide, found: Findings): Promise<void> {
  guide.say('Knowngood tour: a whole release on a throwaway production, for real, in about half a minute.')
  guide.say(`Site   ${demo.url}`)
  guide.say(`Clone  ${demo.root}`)
  const { buildId } = await lookLive(demo)
  found.live.push(buildId ?? '')
  guide.say(`Live   ${(await remoteTags(demo))[0]}, BUILD_ID ${short(buildId ?? 'none')}`)

  guide.chapter('1  Kickoff: what is live, and can we get back?')
  await guide.run(['kickoff'], EXIT.done)

  guide.chapter('2  Back up: keep the way to the live commit')
  const before = new Set(await quickRecords(demo))
  await guide.run(['backup', 'quick', '--notes', 'tour: before 1.4.0'], EXIT.done)
  await guide.look('a new record is in backups/quick', async () =>
    (await quickRecords(demo)).some((name) => !before.has(name)),
  )
}

async function goodRelease(demo: Demo, guide: Guide, found: Findings): Promise<void> {
  guide.chapter('3  Gate: may we ship main?')
  await passGate(demo, guide, 'good')

  guide.chapter('4  Deploy: backup, build, release, verify, certify')
  const next = await git(demo.root, demo.env, ['rev-parse', 'main'])
  const tagsBefore = await remoteTags(demo)
  await guide.run(['deploy', '--yes'], EXIT.done)
  const tag = (await remoteTags(demo)).find((name) => !tagsBefore.includes(name)) ?? ''
  found.tag = tag
  await guide.look(`${tag || 'a prod tag'} and prod-current stand on ${short(next)} in the remote`, async () => {
    const both = [await onRemote(demo, `refs/tags/${tag}`), await onRemote(demo, 'refs/heads/prod-current')]
    return tag !== '' && both.every((commit) => commit === next)
  })

  guide.chapter('5  Verify: three reads of the live site')
  await guide.run(['verify-live', '--reads', '3'], EXIT.done)
  await isLive(demo, guide, next)
  found.live.push(next)
}

/** A release that passes everything here and is wrong in production. */
async function badRelease(demo: Demo, guide: Guide): Promise<string> {
  guide.chapter('6  A bad release: every check passes, and production breaks')
  const bad = await commitBadRelease(demo, now())
  guide.say(`ben commits ${short(bad)}: the session cookie now names a host that is not this one.`)
  await passGate(demo, guide, 'bad')
  const tagsBefore = await remoteTags(demo)
  await guide.run(['deploy', '--yes'], EXIT.liveWrong)
  await guide.look(
    'production answers 500, as the failed verification says',
    async () => (await lookLive(demo)).health === 500,
  )
  await guide.look('no prod tag was made', async () => (await remoteTags(demo)).join() === tagsBefore.join())
  return bad
}

async function wayBack(demo: Demo, guide: Guide, found: Findings, bad: string): Promise<void> {
  guide.chapter('7  Roll back to the last release that was good')
  const before = new Set(await quickRecords(demo))
  const reason = 'tour: sign-in is broken in production'
  await guide.run(['rollback', found.tag, '--confirm=mosaic-production', '--reason', reason], EXIT.done)
  await guide.look('the rollback made a backup of its own first', async () =>
    (await quickRecords(demo)).some((name) => !before.has(name)),
  )
  const back = (await onRemote(demo, 'refs/heads/main')) ?? ''
  await guide.look(`main in the remote holds exactly the files of ${found.tag}`, async () => {
    return (
      back !== bad && (await remoteTree(demo, 'refs/heads/main')) === (await remoteTree(demo, `refs/tags/${found.tag}`))
    )
  })
  await isLive(demo, guide, back)
  await guide.look(`the clone was left alone: main is still ${short(bad)}, nothing changed in it`, async () => {
    const main = await git(demo.root, demo.env, ['rev-parse', 'main'])
    const dirty = await git(demo.root, demo.env, ['status', '--porcelain', '--untracked-files=no'])
    return main === bad && dirty === ''
  })
  found.live.push(bad, back)
}

async function books(demo: Demo, guide: Guide): Promise<void> {
  guide.chapter('8  What is written down')
  await guide.run(['releases'], EXIT.done)
  await guide.run(['log'], EXIT.done)
  await guide.run(['audit', 'verify'], EXIT.done)
  await guide.look('no lock is left in the remote', async () => (await onRemote(demo, 'refs/knowngood/lock')) === null)
}

/** Runs the checks, then confirms both items with evidence that the tour makes itself, and says so. */
async function passGate(demo: Demo, guide: Guide, name: string): Promise<void> {
  await guide.run(['gate'], EXIT.held)
  guide.say('The check ran; the two confirmations are open. A person would look now. These are given by the tour:')
  const evidence = await chatEvidence(demo, name)
  await guide.run(['gate', 'confirm', 'sign-in', '--evidence', `${demo.url}/preview/sign-in.html`], EXIT.done)
  await guide.run(['gate', 'confirm', 'chat', '--evidence', evidence], EXIT.done)
  await guide.run(['gate', '--status'], EXIT.done)
}

async function chatEvidence(demo: Demo, name: string): Promise<string> {
  const folder = join(demo.dir, 'evidence')
  await mkdir(folder, { recursive: true })
  const page = await fetch(`${demo.url}/preview/chat.html`)
  const text = await page.text()
  const file = join(folder, `chat-${name}.txt`)
  const lines = [
    'Given by the tour, not by a person.',
    `GET ${page.url}: ${page.status}, ${text.length} characters`,
    '',
    text,
  ]
  await writeFile(file, lines.join('\n'))
  return file
}

async function isLive(demo: Demo, guide: Guide, commit: string): Promise<void> {
  await guide.look(`the site serves BUILD_ID ${short(commit)}, and is well`, async () => {
    const live = await lookLive(demo)
    return live.buildId === commit && live.health === 200
  })
}

function summary(guide: Guide, found: Findings, deviation: string | null, ms: number): string[] {
  const commands = guide.steps.filter((step) => step.did === 'command').length
  const looks = guide.steps.length - commands
  const did = `${commands} commands, ${looks} looks of the tour's own at the world, ${Math.round(ms / 1000)} s`
  if (deviation !== null) return ['', `✗ The tour stopped: ${deviation}`, `  ${did}`]
  const [first = '', good = '', bad = '', back = ''] = found.live.map(short)
  return [
    '',
    `✓ The tour is over: ${did}, everything as it must be.`,
    `  live was ${first}, then ${good} (${found.tag}), then ${bad} for a moment, and is ${back} with the files of ${found.tag}`,
    '  The demo removes itself now. In a terminal, `knowngood demo` opens the dashboard on a fresh one;',
    `  \`git merge ${badChapter.branch}\` in its clone makes the next release a bad one there, too.`,
  ]
}

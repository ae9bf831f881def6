import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf, NotProven } from '../core/failure.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import type { VerifyCheck } from '../core/project.ts'
import { expectedText, tellsBuildId } from '../core/release.ts'
import { now } from '../world/clock.ts'
import { execute } from '../world/exec.ts'
import { writeWhole } from '../world/files.ts'
import { readUrl } from '../world/http.ts'

/** `reads` true rounds in a row prove it; until `timeoutMs` the host may settle. */
export type LiveInput = { checks: VerifyCheck[]; buildId: string; reads: number; timeoutMs: number }
export type Read = { url: string; at: string; ok: boolean; says: string }

/** What a look found wrong, and whether production answered at all. */
type Wrong = { says: string; answered: boolean }

type UrlCheck = Extract<VerifyCheck, { kind: 'url' }>
type RunCheck = Extract<VerifyCheck, { kind: 'run' }>

/** The file in a run's folder that keeps its last reads, for the deploy log. */
export const READS_FILE = 'reads.json'

const ANY_CODE = Array.from({ length: 256 }, (_, code) => code)
/** Codes by which a command says that it could not ask: "try later" (EX_TEMPFAIL), not executable, not found. */
const NO_ANSWER = new Set([75, 126, 127])
const PAUSE_MS = 400
const KEPT = 40

export const liveCalls = {
  'live.verify': async (input: LiveInput, io: Io) => {
    const kept: Read[] = []
    try {
      await settle(input, io, kept)
      for (const check of input.checks) if (check.kind === 'run') await patiently(check, input, io, kept)
    } finally {
      await writeWhole(join(io.dir, READS_FILE), JSON.stringify(kept.slice(-KEPT))).catch(() => undefined)
    }
    return { buildId: input.buildId, reads: input.reads, at: now().toISOString() }
  },
} satisfies CallRegistry

/** Reads until every URL was true in `reads` rounds in a row and once more as a plain visitor; throws at the time limit. */
async function settle(input: LiveInput, io: Io, kept: Read[]): Promise<void> {
  const urls = input.checks.filter((check) => check.kind === 'url')
  if (urls.length === 0) return
  const named = tellsBuildId(urls)
  const deadline = performance.now() + input.timeoutMs
  let [row, best, turns, last] = [0, 0, 0, '']
  for (;;) {
    io.signal.throwIfAborted()
    const plain = row === input.reads
    const wrong = await round(urls, input.buildId, !plain, io, kept)
    if (wrong === null) {
      if (plain) return
      row += 1
      best = Math.max(best, row)
      io.line(`read ${row} of ${input.reads}: ${named ? `BUILD_ID ${input.buildId} is live` : 'production answers'}`)
      continue
    }
    if (row > 0) turns += 1
    if (wrong.says !== last) io.line(wrong.says)
    row = 0
    last = plain ? `${wrong.says}; a cache in front of it serves something else than the host` : wrong.says
    if (performance.now() + PAUSE_MS > deadline)
      throw new NotProven(verdict(last, best, turns, input.reads), wrong.answered)
    await sleep(PAUSE_MS, undefined, { signal: io.signal })
  }
}

function verdict(last: string, best: number, turns: number, reads: number): string {
  if (best === 0) return last
  const times = turns === 1 ? 'once' : `${turns} times`
  return `production does not answer the same way twice: right ${best} of ${reads} times in a row at most, wrong again ${times}. Last: ${last}`
}

/** One look at every URL; null when all are true, else what was wrong first, and whether any of them answered wrongly. */
async function round(checks: UrlCheck[], buildId: string, bust: boolean, io: Io, kept: Read[]): Promise<Wrong | null> {
  const found: Wrong[] = []
  for (const check of checks) {
    const wrong = await look(check, buildId, bust, io)
    const how = bust ? '' : ', as any visitor reads it'
    kept.push({
      url: check.url,
      at: now().toISOString(),
      ok: wrong === null,
      says: wrong?.says ?? `${check.status}${how}`,
    })
    if (wrong !== null) found.push(wrong)
  }
  const [first] = found
  return first === undefined ? null : { says: first.says, answered: found.some((one) => one.answered) }
}

async function look(check: UrlCheck, buildId: string, bust: boolean, io: Io): Promise<Wrong | null> {
  try {
    const answer = await readUrl(check.url, { timeoutMs: check.timeoutMs, signal: io.signal, bust, redirect: 'refuse' })
    const wrong = (says: string): Wrong => ({ says, answered: true })
    if (answer.status !== check.status) return wrong(`${check.url} answers ${answer.status}, not ${check.status}`)
    if (check.contains === null) return null
    const wanted = expectedText(check.contains, buildId)
    if (answer.body.includes(wanted)) return null
    return wrong(
      `${check.url} answers ${answer.status} with another page: ${JSON.stringify(wanted)} is not in it${other(check.contains, answer.body)}`,
    )
  } catch (error) {
    io.signal.throwIfAborted()
    const said = messageOf(error)
    return { says: said.includes(check.url) ? said : `${check.url}: ${said}`, answered: false }
  }
}

/** Names the BUILD_ID that is served instead, where the page carries one in the same words. */
function other(contains: string, body: string): string {
  const [head = '', tail = ''] = contains.split('{id}')
  const from = head === '' ? -1 : body.indexOf(head)
  const to = from < 0 || tail === '' ? -1 : body.indexOf(tail, from + head.length)
  return to < 0 || to - from > 200 ? '' : ` (it carries ${body.slice(from + head.length, to)})`
}

/** Where no page tells when the host has settled, a command is asked again until it passes or the time is up. */
async function patiently(check: RunCheck, input: LiveInput, io: Io, kept: Read[]): Promise<void> {
  const deadline = performance.now() + input.timeoutMs
  const waits = input.checks.every((each) => each.kind === 'run')
  for (;;) {
    try {
      return await runCheck(check, input.buildId, io, kept)
    } catch (error) {
      if (!waits || !(error instanceof NotProven) || performance.now() + PAUSE_MS > deadline) throw error
      await sleep(PAUSE_MS, undefined, { signal: io.signal })
    }
  }
}

async function runCheck(check: RunCheck, buildId: string, io: Io, kept: Read[]): Promise<void> {
  const { timeoutMs, run: argv } = check
  const at = now().toISOString()
  const child = {
    argv,
    cwd: io.root,
    env: { KNOWNGOOD_BUILD_ID: buildId, KNOWNGOOD_RUN: io.run },
    idleMs: timeoutMs,
    timeoutMs,
    signal: io.signal,
  }
  const told = (ok: boolean, says: string) => kept.push({ url: argv.join(' '), at, ok, says })
  const listen = { onLine: (_: unknown, text: string) => io.line(text), onChild: (pid: number) => io.child(pid) }
  const answers = { okCodes: ANY_CODE, ...listen }
  const { code, out, err } = await execute({ ...child, ...answers }).catch((error: unknown) => {
    told(false, messageOf(error))
    // It did not come to an end of its own, so it has not said what production is like.
    throw io.signal.aborted ? error : new NotProven(messageOf(error), false)
  })
  told(code === 0, `ended with ${code}`)
  if (code !== 0)
    throw new NotProven(`${argv.join(' ')} ended with ${code}`, !NO_ANSWER.has(code), [...out, ...err].slice(-20))
}

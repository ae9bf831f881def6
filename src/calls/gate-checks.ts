import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import { join } from 'node:path'
import { StepFailed, held, messageOf } from '../core/failure.ts'
import type { Gate, GateItem } from '../core/facts.ts'
import { gateAt, renewed } from '../core/gate.ts'
import type { Verdict } from '../core/gate.ts'
import { short, slug } from '../core/naming.ts'
import { statePaths } from '../core/paths.ts'
import type { GateCheck, Project } from '../core/project.ts'
import { changeGate, readGate } from '../records/gate.ts'
import { now } from '../world/clock.ts'
import { execute } from '../world/exec.ts'
import { makeFolder } from '../world/files.ts'
import { openGit } from '../world/git.ts'
import { readStatus } from '../world/git-status.ts'
import { closeGate } from './gate-close.ts'
import { blankVerdict, record } from './gate-verdict.ts'

/** Lines of a check that are kept in the gate itself; all of them are in `gate/<commit>/<id>.log`. */
const KEPT_LINES = 40
const LOG_BYTES = 20_000_000

export type GateRun = { operator: string; onChange?: (gate: Gate) => void; signal?: AbortSignal }

/**
 * Runs every check of the gate in the project's folder, one after the other, and gives each its verdict. The commit
 * must be the one checked out: a check of another tree would prove nothing about it. Stopped, it leaves the check it
 * was in without a verdict.
 */
export async function runGateChecks(project: Project, commit: string, run: GateRun): Promise<Gate> {
  const dirty = await mustBeCheckedOut(project, commit)
  let gate = await begin(project, commit, run)
  for (const check of project.gate.checks) {
    run.signal?.throwIfAborted()
    run.onChange?.(running(gate, check.id))
    const verdict = await verdictOf(project, commit, check, dirty, run)
    gate = await record(project, commit, verdict, run)
    run.onChange?.(gate)
  }
  return gate
}

/** Starts the gate, or renews one whose time is up. A gate that asks nothing passes by being run. */
async function begin(project: Project, commit: string, run: GateRun): Promise<Gate> {
  const before = await readGate(project, commit, now())
  const file = await changeGate(project.root, commit, (old) => {
    const kept = renewed(project.gate, old, now())
    const at = now().toISOString()
    return { ...kept, startedAt: kept.verdicts.length === 0 ? at : (kept.startedAt ?? at) }
  })
  const gate = gateAt(project.gate, file, now())
  if (gate.state === 'passed' && before.state !== 'passed') await closeGate(project, gate, run.operator)
  run.onChange?.(gate)
  return gate
}

function running(gate: Gate, id: string): Gate {
  const blank: Partial<GateItem> = { state: 'running', output: [], ms: null, at: now().toISOString() }
  return {
    ...gate,
    items: gate.items.map((item) => (item.id === id && item.kind === 'check' ? { ...item, ...blank } : item)),
  }
}

async function mustBeCheckedOut(project: Project, commit: string): Promise<string[]> {
  const git = openGit(project.root)
  const { branch } = project.git
  const at = async (ref: string) => (await git.raw(['rev-parse', '--verify', '--quiet', ref]).catch(() => '')).trim()
  const head = await at('HEAD')
  if (head !== commit) {
    const there = head === '' ? 'nothing' : short(head)
    const moved = head !== '' && (await at(`refs/heads/${branch}`)) === head
    throw held(`The checks need ${short(commit)}`, `${there} is checked out, and they run in this folder`, [
      moved ? `${branch} has moved: run the checks again, for its new commit` : `git switch ${branch}`,
    ])
  }
  return (await readStatus(git)).dirty
}

async function verdictOf(
  project: Project,
  commit: string,
  check: GateCheck,
  dirty: string[],
  run: GateRun,
): Promise<Verdict> {
  const log = await openLog(project.root, commit, check.id)
  const lines: string[] = dirtyNote(dirty)
  for (const line of lines) log.add(line)
  const started = performance.now()
  const take = (text: string): void => {
    log.add(text)
    lines.push(text)
    if (lines.length > KEPT_LINES) lines.shift()
  }
  const spec = {
    argv: check.run,
    cwd: project.root,
    env: { KNOWNGOOD_COMMIT: commit },
    idleMs: 0,
    timeoutMs: check.timeoutMs,
  }
  try {
    await execute({ ...spec, ...(run.signal ? { signal: run.signal } : {}), onLine: (_from, text) => take(text) })
    return { ...blankVerdict(project, check.id, run), state: 'pass', ms: since(started), output: lines }
  } catch (error) {
    // Stopped is no verdict: nobody knows what the check would have said.
    if (run.signal?.aborted || !(error instanceof StepFailed)) throw error
    const reason = messageOf(error)
    log.add(reason)
    return { ...blankVerdict(project, check.id, run), state: 'fail', ms: since(started), output: lines, reason }
  } finally {
    await log.end()
  }
}

function since(started: number): number {
  return Math.round(performance.now() - started)
}

function dirtyNote(dirty: string[]): string[] {
  if (dirty.length === 0) return []
  const more = dirty.length > 3 ? ` and ${dirty.length - 3} more` : ''
  return [`checked with uncommitted changes in ${dirty.slice(0, 3).join(', ')}${more}`]
}

/** All a check says, in a file of its own, up to 20 MB. A log that cannot be kept fails the check's run, loudly. */
async function openLog(
  root: string,
  commit: string,
  id: string,
): Promise<{ add(line: string): void; end(): Promise<void> }> {
  const folder = join(statePaths(root).gates, commit)
  await makeFolder(folder)
  const stream = createWriteStream(join(folder, `${slug(id)}.log`), { mode: 0o600 })
  const done = finished(stream)
  done.catch(() => undefined)
  let bytes = 0
  return {
    add(line) {
      bytes += line.length + 1
      if (bytes <= LOG_BYTES) stream.write(`${line}\n`)
    },
    async end() {
      stream.end()
      await done
    },
  }
}

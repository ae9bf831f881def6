import { findRoot, loadProject } from '../config/load.ts'
import { UserError } from '../core/failure.ts'
import type { Facts } from '../core/facts.ts'
import type { Project } from '../core/project.ts'
import { clean } from '../core/text.ts'
import { observe } from '../facts/observe.ts'
import { operator, host } from '../world/identity.ts'
import { now } from '../world/clock.ts'
import { startedIn } from './started-in.ts'

/** What every verb is handed: where it was called, how it may speak, and the project when it asks for it. */
export type Context = {
  cwd: string
  argv: readonly string[]
  json: boolean
  dryRun: boolean
  /** Both ends are terminals and nobody asked for JSON: questions may be asked, a dashboard may be drawn. */
  interactive: boolean
  waitMs: number
  operator: string
  host: string
  now(): Date
  signal: AbortSignal
  project(): Promise<Project>
  facts(options?: FactsOptions): Promise<Facts>
  /** A line for people on stderr, made inert: progress, never results. */
  say(line: string): void
}

type FactsOptions = { remote?: boolean; live?: boolean; only?: readonly string[] }

type Start = { argv: readonly string[]; json: boolean; dryRun: boolean; waitMs: number; signal: AbortSignal }

/** The context of one command: its folder, who acts, and the project, loaded when first asked for. */
export function makeContext(start: Start): Context {
  const cwd = startedIn()
  let loaded: Promise<Project> | null = null
  const project = () => (loaded ??= findRoot(cwd).then((root) => loadProject(root)))
  return {
    ...start,
    cwd,
    interactive: !start.json && process.stdin.isTTY === true && process.stdout.isTTY === true,
    // Asked of git the first time somebody wants to know.
    get operator() {
      return operator(null, cwd)
    },
    host: host(),
    now,
    project,
    facts: async (options = {}) => observe(await project(), options),
    say(line) {
      if (!start.json) process.stderr.write(`${clean(line)}\n`)
    },
  }
}

/** A duration as an option spells it ("90s", "10m", "2h"), in ms. */
export function durationOption(text: string, flag: string): number {
  const match = /^(\d+)(ms|s|m|h)$/.exec(text.trim())
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match?.[2] ?? ''] ?? 0
  if (!match || unit === 0)
    throw new UserError(`${flag} does not understand "${text}"`, 'a duration is a number and a unit', [
      `Write it as 90s, 10m or 2h.`,
    ])
  return Number(match[1]) * unit
}

import type { JsonRecord } from './json.ts'
import type { Known } from './known.ts'
import type { Arg, CallRegistry, Step } from './plan.ts'

/** A repository as `init` looks at it: files are read, nothing is run. Paths are relative to its root. */
export type RepoView = {
  read(path: string): Promise<string | null>
  glob(pattern: string): Promise<string[]>
}

/** What `init` found: options for this plug-in, where it saw them, and what it could not know. */
export type Detected<O> = { options: O; where: string; unsure: string[] }

/** One line of `doctor`. `fix` is what to do when it is not ok. */
export type Check = { id: string; ok: boolean | 'unknown'; says: string; fix: string }

/** Where a plug-in looks and works. */
export type Place = {
  root: string
  git: { remote: string; branch: string }
  signal?: AbortSignal
}

/**
 * A source or a target is one file that exports one of these; the registry beside it lists it, and a contract
 * suite holds it to the rules. Only `detect`, `doctor`, `observe` and `calls` may touch the world; what gives a Step returns data.
 */
export interface PlugIn<O> {
  readonly use: string
  /** One sentence for the reference and for `init`. */
  readonly says: string
  /** Throws on anything it does not know; in practice a strict zod object. */
  readonly options: { parse(value: unknown): O }
  detect(repo: RepoView): Promise<Detected<O>[]>
  doctor(options: O, place: Place): Promise<Check[]>
  /** Every call its steps name, probes included. */
  readonly calls: CallRegistry
}

/** Something that can be captured and put back. */
export interface Source<O = unknown> extends PlugIn<O> {
  /** Its schema revision (null: it has none) and a few plain facts; looks only, creates nothing. */
  observe(options: O, place: Place): Promise<{ schema: Known<string | null>; detail: JsonRecord }>
}

/** `live` is the commit or BUILD_ID the target says it serves; `settled` that nothing is under way there. */
type TargetFacts = { settled: boolean; live: string | null; deployId: string | null }

/**
 * What a target is asked to bring live. `from` is the remote branch's commit as it was reviewed (null when the branch
 * is not there yet); `rewinds` allows a push that is no fast-forward; `lock` is the nonce of the shared lock, null without a remote.
 */
export type DeployContext = {
  /** The step's id, such as "target.git-push". */
  id: string
  dir: Arg
  commit: Arg
  buildId: Arg
  from: string | null
  rewinds: boolean
  remote: string
  branch: string
  lock: string | null
}

/** Where a release runs. */
export interface Target<O = unknown> extends PlugIn<O> {
  observe(options: O, place: Place): Promise<Known<TargetFacts>>
  /** Brings the context's commit live. */
  deploy(options: O, context: DeployContext): Step
  /** Returns to an earlier commit's state; the same as deploying it unless the host has a way of its own. */
  back(options: O, context: DeployContext): Step
}

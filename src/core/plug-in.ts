import type { BackupKind, Part } from './backup.ts'
import type { Json, JsonRecord } from './json.ts'
import type { Known } from './known.ts'
import type { Arg, Call, CallRegistry, Ref, Step } from './plan.ts'

/** A repository as `init` looks at it: files are read, nothing is run. Paths are relative to its root. */
export type RepoView = {
  read(path: string): Promise<string | null>
  glob(pattern: string): Promise<string[]>
}

/**
 * What `init` found: options for this plug-in, where it saw them, and what it could not know. `unready` when something in
 * the options must be filled in first: they are written as a comment.
 */
export type Detected<O> = { options: O; where: string; unsure: string[]; unready?: true }

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

/** What a source's captures are, by which kinds choose theirs: `full` and `dump` take every database, `set` images too. */
export type Holds = 'database' | 'cache' | 'images' | 'code' | 'runtime' | 'facts' | 'repository'

/** What a capture is asked for. Paths are absolute. */
export type CaptureContext = {
  /** The step's id, such as "capture.database". */
  id: string
  /** The source's name in knowngood.yaml; its files are called by it. */
  name: string
  /**
   * The folder the backup is built in, on the volume it will lie on, mode 0700. A capture writes below it, under the
   * names SPEC gives (`database/<name>.dump`, `docker/images/<image>.tar.gz`, `git/repo.bundle`, `code/<part>.tar.gz`, …).
   */
  stage: string
  kind: BackupKind
  /** The commit that is live, and the one checked out; null when unknown. */
  commit: string | null
  /** ISO 8601 UTC, the backup's recorded time. */
  at: string
  /** This source's parts in the newest backup that has any: for floor checks and estimates. */
  last: readonly Part[] | null
  /** Whether what is made is encrypted before it is kept: files with secret values may then stay in it. */
  encrypted?: boolean
}

/** A captured part and where its file stands now. `file` is absolute. */
export type StoredPart = { part: Part; file: string }

/**
 * Where a restore goes: in place, or as if, only to be counted and dropped again (`scratch`); or beside, into a folder or (for
 * databases) a URL held by a variable, left there.
 */
export type RestoreTo = { live: true; scratch?: true } | { live: false; dir: string; urlFrom: string | null }

export type RestoreContext = {
  /** Ids of the steps, such as "beside.database", "swap.database", "drop.database". */
  ids: { beside: string; swap: string; drop: string }
  name: string
  /** The source's own parts of the backup. */
  parts: readonly StoredPart[]
  to: RestoreTo
  /** The run; part of every temporary's and every kept one's name. */
  run: string
  /** ISO 8601 UTC. */
  at: string
}

/**
 * beside: puts the parts next to the live thing and counts them against `counts`; gives `counts` and `place` (what
 * to swap in). Its undo removes what it put there. swap: makes it live; gives `kept` (what stood there before, as data
 * that `back` understands, null when nothing did). Its undo swaps back. Null for what can only be put beside.
 * drop: removes what beside put there (a scratch restore's end).
 */
export type RestoreSteps = { beside: Step; swap: Step | null; drop: Step }

/** The removal of what a swap kept; `paths` are those of it that are files or folders, relative to the root or absolute. */
export type Forget = { step: Step; names: string[]; paths: string[] }

/**
 * Something that can be captured and put back. Everything that gives a Step returns data; its calls do the work.
 *
 * A project may keep one as a file of its own: `use: ./tools/my-source.ts`, a module that exports it as `source`, with a
 * `use` no other source has, and calls named after it. It is loaded with the project's configuration, and never when a
 * configuration is only written or checked. `src/sources/captured.ts` shows what a capture's probe and undo have to do.
 */
export interface Source<O = unknown> extends PlugIn<O> {
  readonly holds: Holds
  /** It never has a schema revision: what a backup's record says of another source's is not its own. */
  readonly schemaless?: true
  /** Where a restore beside stands when that is no folder: "a new database on its server". */
  readonly standsIn?: string
  /** Its schema revision (null: it has none) and a few plain facts; looks only, creates nothing. */
  observe(options: O, place: Place): Promise<{ schema: Known<string | null>; detail: JsonRecord }>
  /**
   * Captures into the stage. Gives `parts` (Part[], paths relative to the stage, hashed by reading them again), `leftOut`
   * and `doubts` (string[]). Partial, empty or doubtful output is a StepFailed, whatever the child's exit code says.
   * Null when it holds nothing for this kind.
   */
  capture(options: O, context: CaptureContext): Step | null
  /** Opens a part with its own engine, in a scratch place where that needs one. Gives `counts` where it counted, else `{}`. Throws StepFailed when it does not open. */
  readable(options: O, read: StoredPart & { id: string; name: string; run: string }): Step
  /** Null for what is never put back by a restore (the repository's code, the environment's facts). */
  restore(options: O, context: RestoreContext): RestoreSteps | null
  /**
   * For what a server or an engine holds: asks whether that answers, and creates nothing. A restore in place begins with it,
   * and its `beside` asks again, so that one which cannot be reached has nothing to take back.
   */
  reach?(options: O): Call
  /** `restore --undo RUN`: makes what a swap kept live again. `kept` is what that swap gave. Gives `kept` of its own. */
  back(options: O, context: { id: string; name: string; run: string; kept: Json }): Step
  /**
   * `restore --forget RUN`: removes what a swap of `run` kept outside its own folder below `.knowngood/undo/`. Null when that
   * is nothing. Refuses what does not go by the name that swap gave it.
   */
  forget?(options: O, context: { id: string; name: string; run: string; kept: Json }): Forget | null
  /** For caches: removes what is ours there and puts nothing in its place. Null where nothing is declared to be ours. */
  flush?(options: O, context: { id: string; name: string }): Step | null
  /** The same restore with standard tools alone, one shell line each, run inside the backup's folder; for MANIFEST.md. */
  manual(options: O, part: Part): string[]
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

/** A file of a backup: its name in the copy (relative, `/` between its parts), where it stands here (absolute), its bytes and hash. */
type MirroredFile = { path: string; file: string; bytes: number; sha256: string }

/** What a mirror is asked to hold. `folder` is where the copy lies there: `<project>/<environment>/<kind>/<id>`. */
export type MirrorCopy = {
  id: string
  kind: BackupKind
  at: string
  /** The backup's digest; a copy with another one is not this backup. */
  digest: string
  folder: string
  files: readonly MirroredFile[]
}

/** A copy as the mirror itself tells of it: every file it wrote, so that it can be read back and nothing else is removed. */
export type MirrorHeld = Omit<MirrorCopy, 'files'> & { files: readonly Omit<MirroredFile, 'file'>[] }

/** What is copied, as far as a plan knows it; `copy` is the MirrorCopy itself, or the step that gives it. */
export type MirrorPut = { id: string; copy: Ref | MirrorCopy; about: { id: string; folder: string; bytes: number } }

/** Where copies of backups are kept off this machine. Never deletes what it did not write. */
export interface Mirror<O = unknown> extends PlugIn<O> {
  /** One phrase that names the place without secrets. */
  where(options: O): string
  /** The copies below `<project>/<environment>` and the room left (bytes; null where nobody knows). Looks only. */
  observe(options: O, place: Place & { below: string }): Promise<Known<{ free: number | null; holds: MirrorHeld[] }>>
  /** Copies one backup and reads it back; goes on where an earlier attempt was cut, and counts only once it is whole. */
  put(options: O, context: MirrorPut): Step
  /** Reads every byte of a copy back and compares it with its hash. */
  check(options: O, context: { id: string; held: MirrorHeld }): Step
  /** Removes one copy that this mirror wrote. */
  drop(options: O, context: { id: string; held: MirrorHeld }): Step
}

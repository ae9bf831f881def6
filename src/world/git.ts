import { existsSync } from 'node:fs'
import type { SimpleGitOptions } from 'simple-git'
import { messageOf, StepFailed } from '../core/failure.ts'
import { runGit } from './git-read.ts'
import { RUN_VARIABLE } from './orphans.ts'
import { mask } from './secrets.ts'

/** `input` is written to the child's standard input; `timeoutMs` bounds the whole command (default ten minutes). */
export type GitOptions = {
  signal?: AbortSignal
  env?: Readonly<Record<string, string>>
  input?: string
  timeoutMs?: number
  /** Lets the team's own hooks run; otherwise none does. */
  hooks?: boolean
}

export type Git = {
  readonly root: string
  /** Runs git with these arguments and gives its standard output, unchanged; throws GitFailed on any other exit code than 0. */
  raw(args: readonly string[], options?: GitOptions): Promise<string>
}

/** Git said no. `code` is its exit code, `said` its standard error, `out` what it had printed before. */
export class GitFailed extends StepFailed {
  readonly code: number
  readonly said: string
  readonly out: string
  constructor(command: string, code: number, said: string, out: string) {
    const lines = mask(said.trim()).split('\n')
    const why = lines.find((line) => /^(fatal|error|!|remote):?/.test(line.trim())) ?? lines.at(-1) ?? ''
    super('git', `git ${command} failed${why === '' ? ` with code ${code}` : `: ${why.trim()}`}`, lines.slice(-200))
    this.name = 'GitFailed'
    this.code = code
    this.said = said
    this.out = out
  }
}

/** Whatever the operator's own configuration says, these would change what our commands mean, or ask somebody. */
const SETTINGS = [
  'commit.gpgSign=false',
  'tag.gpgSign=false',
  'tag.forceSignAnnotated=false',
  'push.gpgSign=false',
  'push.followTags=false',
  'push.recurseSubmodules=no',
  'fetch.recurseSubmodules=false',
  'submodule.recurse=false',
  'core.quotePath=false',
  'log.showSignature=false',
  'color.ui=false',
  'gc.auto=0',
  'maintenance.auto=false',
  // A bundle is read back in a bare repository of our own.
  'safe.bareRepository=all',
]

/** Variables that would move our commands to another repository (set inside a hook, for one), or open an editor or a pager. */
const ELSEWHERE =
  /^GIT_(DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|COMMON_DIR|NAMESPACE|PREFIX|QUARANTINE_PATH|LITERAL_PATHSPECS|TRACE.*|EXTERNAL_DIFF|EDITOR|SEQUENCE_EDITOR|PAGER|REFLOG_ACTION|PUSH_OPTION.*|TEMPLATE_DIR|CONFIG_PARAMETERS)$|^(EDITOR|VISUAL|PAGER|PREFIX)$/i

/**
 * simple-git removes every guarded variable and setting unless told otherwise; the operator's own environment
 * (an SSH command, a credential helper, a configuration file) is theirs to choose, and our arguments are built here.
 */
const TRUSTED: NonNullable<SimpleGitOptions['unsafe']> = {
  allowUnsafeAskPass: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeConfigEnvCount: true,
  allowUnsafeCredentialHelper: true,
  allowUnsafeGitProxy: true,
  allowUnsafeHooksPath: true,
  allowUnsafeProtocolOverride: true,
  allowUnsafeSshCommand: true,
  allowUnsafeUrlRewrite: true,
  allowUnsafeExec: true,
  allowUnsafeInclude: true,
}

/** Opens a repository. Nothing is run until the first command; a folder that is not there is refused by it. */
export function openGit(root: string): Git {
  return { root, raw: (args, options = {}) => run(root, args, options) }
}

/** Commands that only read. Everything a first screen asks is among them. */
const READS = new Set(['cat-file', 'config', 'diff-tree', 'for-each-ref', 'ls-remote', 'ls-tree', 'rev-list', 'status'])

async function run(root: string, args: readonly string[], options: GitOptions): Promise<string> {
  const env: Record<string, string> = {
    GIT_OPTIONAL_LOCKS: '0',
    ...inherited(),
    GIT_TERMINAL_PROMPT: '0',
    // A hook of ours knows by it that this is no push of a person's.
    ...(options.hooks === true ? { KNOWNGOOD_PUSH: '1' } : {}),
    ...options.env,
  }
  const limit = options.timeoutMs ?? 600_000
  const late = AbortSignal.timeout(limit)
  const command = args.find((arg) => !arg.startsWith('-')) ?? ''
  const work: Work = {
    args,
    command,
    root,
    env,
    config: options.hooks === true ? SETTINGS : [...SETTINGS, 'core.hooksPath=/dev/null'],
    input: options.input ?? '',
    signal: options.signal === undefined ? late : AbortSignal.any([options.signal, late]),
  }
  // What a run has begun to push or commit is finished, or ended by the run: never by the terminal's ctrl-c or its end.
  const apart = process.env[RUN_VARIABLE] !== undefined
  try {
    return apart || READS.has(args[0] ?? '') ? await byItself(work, apart) : await bySimpleGit(work)
  } catch (error) {
    if (options.signal?.aborted) throw new GitFailed(command, 130, 'stopped', '')
    if (late.aborted) throw new GitFailed(command, 124, `no answer within ${Math.round(limit / 1000)} s`, '')
    // What simple-git throws is its own wrapping of it, without the exit code.
    if (error instanceof GitFailed && !/\bspawn git ENOENT\b/.test(error.said)) throw error
    const missing = error instanceof GitFailed || !existsSync(root) ? notThere(root) : messageOf(error)
    throw new GitFailed(command, 128, missing, '')
  }
}

type Work = {
  args: readonly string[]
  command: string
  root: string
  env: Readonly<Record<string, string>>
  config: readonly string[]
  input: string
  signal: AbortSignal
}

async function byItself({ args, command, config, ...reading }: Work, apart: boolean): Promise<string> {
  const words = [...config.flatMap((one) => ['-c', one]), ...args]
  const { code, out, err, error } = await runGit(words, { ...reading, apart })
  if (code === 0 && error === null) return out
  throw new GitFailed(command, code ?? -1, err || (error?.message ?? ''), out)
}

async function bySimpleGit({ args, command, root, env, config, input, signal }: Work): Promise<string> {
  // Loaded by the first command that changes something.
  const { simpleGit } = await import('simple-git')
  let failed: GitFailed | undefined
  try {
    const git = simpleGit({
      baseDir: root,
      config: [...config],
      abort: signal,
      completion: { onClose: true, onExit: 100 },
      unsafe: TRUSTED,
      allowEnvironment: Object.keys(env).filter((name) => /^(GIT_|SSH_ASKPASS$)/.test(name)),
      // An empty buffer closes the child's standard input; an empty string would leave it waiting.
      input: () => Buffer.from(input),
      errors: (error, result) => {
        if (result.exitCode === 0 && error === undefined) return undefined
        failed = new GitFailed(
          command,
          result.exitCode,
          text(result.stdErr) || (error instanceof Error ? error.message : ''),
          text(result.stdOut),
        )
        return failed
      },
    }).env({ ...env })
    return await git.raw([...args])
  } catch (error) {
    throw failed ?? error
  }
}

function notThere(root: string): string {
  return existsSync(root) ? 'git was not found; is it installed and on PATH?' : `there is no folder ${root}`
}

function inherited(): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !ELSEWHERE.test(name)) kept[name] = value
  }
  return kept
}

function text(chunks: Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8')
}

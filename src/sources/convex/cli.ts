import { isAbsolute, join } from 'node:path'
import { held, reasonOf, StepFailed } from '../../core/failure.ts'
import type { Io } from '../../core/plan.ts'
import { execute } from '../../world/exec.ts'
import { RUN_VARIABLE } from '../../world/orphans.ts'

/** How the team's CLI is called and what it must lead to. `dir` is relative to the repository. */
export type Told = {
  name: string
  deployment: string
  command: string[]
  dir: string
  fileStorage: boolean
  replace: 'tables' | 'all'
  idleMs: number
}

type Runs = Pick<Io, 'root' | 'run' | 'signal' | 'child' | 'line'>

/** The CLI asks its server for the deployment's address, nothing more. */
const ASK_MS = 120_000
/** Exports and imports take from seconds to hours. */
const LONG_MS = 24 * 3_600_000

export function exportArgs({ command, fileStorage }: Told, file: string): string[] {
  return [...command, 'export', '--prod', '--path', file, ...(fileStorage ? ['--include-file-storage'] : [])]
}

export function importArgs({ command, replace }: Told, file: string): string[] {
  return [...command, 'import', '--prod', replace === 'all' ? '--replace-all' : '--replace', '-y', file]
}

/** Prints where the production deployment's page is, and with it the deployment's name; looks only. */
export function askArgs({ command }: Told): string[] {
  return [...command, 'dashboard', '--prod', '--no-open']
}

/** Throws, changing nothing, unless the CLI would act on the deployment that the configuration calls production. */
export async function mustLeadTo(told: Told, io: Runs): Promise<void> {
  const { out } = await convex(told, askArgs(told), ASK_MS, io)
  const found = deploymentIn(out)
  if (found === told.deployment) return
  const why =
    found === null ? 'the Convex CLI did not say which deployment it acts on' : `the Convex CLI would act on ${found}`
  throw held(`This is not the deployment ${told.deployment}`, why, [
    `Look at it: ${askArgs(told).join(' ')}`,
    'See CONVEX_DEPLOY_KEY and .env.local, or correct `deployment` in knowngood.yaml.',
  ])
}

/** Exports production into a file that is not there yet. */
export async function exportTo(told: Told, file: string, io: Runs): Promise<void> {
  await mustLeadTo(told, io)
  const { out, err } = await convex(told, exportArgs(told, file), LONG_MS, io)
  // It names the deployment once more when it is done.
  const found = deploymentIn([...out, ...err])
  if (found !== null && found !== told.deployment)
    throw new StepFailed('convex', `the export came from ${found}, not from ${told.deployment}`)
}

/** Imports a file over what production holds. The server does it as one change, and goes on when the CLI is ended. */
export async function importFrom(told: Told, file: string, io: Runs): Promise<void> {
  await mustLeadTo(told, io)
  await convex(told, importArgs(told, file), LONG_MS, io)
}

/** The deployment in an address of the dashboard; null when nothing names one. */
export function deploymentIn(lines: readonly string[]): string | null {
  for (const line of lines) {
    const found = /https?:\/\/[^\s/]+\/(?:d|t\/[^/\s]+\/[^/\s]+)\/([A-Za-z0-9][A-Za-z0-9-]*)/.exec(line)?.[1]
    if (found !== undefined) return found
  }
  return null
}

async function convex(told: Told, argv: string[], timeoutMs: number, io: Runs) {
  const child = {
    argv,
    cwd: isAbsolute(told.dir) ? told.dir : join(io.root, told.dir),
    env: { [RUN_VARIABLE]: io.run, NO_COLOR: '1', CI: '1' },
    idleMs: Math.min(told.idleMs, timeoutMs),
    timeoutMs,
    signal: io.signal,
    onChild: io.child,
    onLine: (_: unknown, text: string) => io.line(text),
  }
  return await execute(child).catch((error: unknown) => {
    if (!(error instanceof StepFailed) || io.signal.aborted) throw error
    throw new StepFailed('convex', reasonOf(error), error.output)
  })
}

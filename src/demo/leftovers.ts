import { chmodSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import type { Dirent } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { statePaths } from '../core/paths.ts'
import { isAlive } from '../world/identity.ts'
import type { ProcessMark } from '../world/identity.ts'
import { isAbandoned, MARKER, markIn } from './owner.ts'

/** Every demo's folder starts with this, in the system's temporary folder. */
export const FOLDER_PREFIX = 'knowngood-demo-'

/** Where in a demo's folder the clone is. */
export const CLONE = 'mosaic'

/** Removes what demos left that were killed; never a folder whose process lives, nor one that is not a demo's. */
export async function removeLeftovers(): Promise<string[]> {
  const removed: string[] = []
  for (const name of await readdir(tmpdir())) {
    const dir = join(tmpdir(), name)
    if (!name.startsWith(FOLDER_PREFIX) || !(await isOwnFolder(dir)) || !isAbandoned(dir)) continue
    await endRuns(dir)
    if (tryRemove(dir)) removed.push(dir)
  }
  return removed
}

/** As removeDemo, without a throw: two starts at once may remove the same folder, and the next one tries again. */
export function tryRemove(dir: string): boolean {
  try {
    removeDemo(dir)
    return true
  } catch {
    return false
  }
}

async function isOwnFolder(dir: string): Promise<boolean> {
  const stat = await lstat(dir).catch(() => null)
  return stat !== null && stat.isDirectory() && stat.uid === (process.getuid?.() ?? stat.uid)
}

/** Ends the runs this demo's dashboard left going: asked first, killed after two seconds. */
export async function endRuns(dir: string): Promise<void> {
  const runs = runsIn(dir)
  for (const run of runs) signalRun(run, 'SIGTERM')
  for (let waited = 0; waited < 2000 && runs.some(isAlive); waited += 50) await sleep(50)
  for (const run of runs) signalRun(run, 'SIGKILL')
}

/** Removes a demo's folder at once; runs still going are killed. For the moment a process ends, nothing is awaited. */
export function removeDemo(dir: string): void {
  for (const run of runsIn(dir)) signalRun(run, 'SIGKILL')
  // A publishing hook may still be writing; it stops by itself when its folder is gone.
  const patient = { recursive: true, force: true, maxRetries: 20, retryDelay: 50 } as const
  unfreeze(join(dir, CLONE, 'immaculate'))
  // The marker goes last: what could not be removed now is found again by the next start.
  for (const entry of namesIn(dir)) if (entry !== MARKER) rmSync(join(dir, entry), patient)
  rmSync(dir, patient)
}

/** Baselines are read-only on disk, and only the demo as a whole goes. */
function unfreeze(folder: string): void {
  for (const entry of entriesIn(folder)) if (entry.isDirectory()) unfreeze(join(folder, entry.name))
}

function entriesIn(folder: string): Dirent[] {
  try {
    chmodSync(folder, 0o700)
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

function signalRun(run: ProcessMark, signal: NodeJS.Signals): void {
  try {
    if (isAlive(run)) process.kill(run.pid, signal)
  } catch {
    // It ended between the look and the signal.
  }
}

/** The processes of this demo's runs that began and did not end, as their journals say; never this process. */
function runsIn(dir: string): ProcessMark[] {
  const paths = statePaths(join(dir, CLONE))
  return namesIn(paths.runs).flatMap((id) => {
    const lines = linesOf(paths.journal(id))
    if (lines.some((line) => line.includes('"k":"end"'))) return []
    const last = lines.findLast((line) => line.includes('"k":"begin"') || line.includes('"k":"taken"'))
    const run = last === undefined ? null : markIn(last)
    return run === null || run.pid === process.pid ? [] : [run]
  })
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n')
  } catch {
    return []
  }
}

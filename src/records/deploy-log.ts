import { join } from 'node:path'
import { deployLogName, renderDeployLog } from '../core/deploy-log.ts'
import type { DeployLog } from '../core/deploy-log.ts'
import { cleanLines } from '../core/text.ts'
import { readText, writeNew } from '../world/files.ts'
import { mask } from '../world/secrets.ts'
import { readLogs } from './log-index.ts'

/**
 * Writes a run's log as `<dir>/YYYY-MM-DD_<slug>.md` (a taken name gets `-2`) and gives its path relative to the root.
 * A log this run already wrote is left as it is.
 */
export async function writeDeployLog(
  root: string,
  dir: string,
  subject: string,
  log: DeployLog,
): Promise<{ path: string; added: boolean }> {
  const standing = (await readLogs(root, dir)).find((entry) => entry.run === log.run)
  if (standing) return { path: join(dir, standing.file), added: false }
  const text = mask(renderDeployLog(log))
  for (let count = 1; ; count += 1) {
    const name = deployLogName(log.at, subject)
    const path = join(dir, count === 1 ? name : name.replace(/\.md$/, `-${count}.md`))
    if (await writeNew(join(root, path), text, { mode: 0o644 })) return { path, added: true }
  }
}

/** A log's lines, safe to show. `file` is a name in the folder; anything else is refused. */
export async function readLogLines(root: string, dir: string, file: string): Promise<string[]> {
  if (file.includes('/') || file.startsWith('.')) throw new Error(`${file} is not a log of ${dir}`)
  const text = await readText(join(root, dir, file))
  if (text === null) throw new Error(`there is no log ${file} in ${dir}`)
  return cleanLines(text)
}

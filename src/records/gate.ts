import { UserError } from '../core/failure.ts'
import type { Gate } from '../core/facts.ts'
import { gateAt, newGate } from '../core/gate.ts'
import type { GateFile } from '../core/gate.ts'
import { statePaths } from '../core/paths.ts'
import type { Project } from '../core/project.ts'
import { readText, writeWhole } from '../world/files.ts'
import { withShortLock } from '../world/short-lock.ts'

/** The gate of a commit as it stands at `now`; one nobody started is `not run`. */
export async function readGate(project: Pick<Project, 'root' | 'gate'>, commit: string, now: Date): Promise<Gate> {
  return gateAt(project.gate, await readGateFile(project.root, commit), now)
}

/** What is kept of a commit's gate. A file that does not hold counts as nothing: the gate is shut then. */
async function readGateFile(root: string, commit: string): Promise<GateFile> {
  mustBeCommit(commit)
  const text = await readText(statePaths(root).gate(commit))
  try {
    const value = JSON.parse(text ?? 'null') as Partial<GateFile> | null
    const whole = value?.schema === 1 && value.commit === commit && Array.isArray(value.verdicts)
    return whole ? (value as GateFile) : newGate(commit)
  } catch {
    return newGate(commit)
  }
}

/** Reads, changes and writes back under a short lock, so that two operators lose nothing of each other's. */
export async function changeGate(
  root: string,
  commit: string,
  change: (file: GateFile) => GateFile | Promise<GateFile>,
): Promise<GateFile> {
  mustBeCommit(commit)
  const paths = statePaths(root)
  return withShortLock(paths.shortLock(`gate-${commit}`), async () => {
    const file = await change(await readGateFile(root, commit))
    await writeWhole(paths.gate(commit), `${JSON.stringify(file, null, 2)}\n`)
    return file
  })
}

/** A commit becomes a path: only a whole object id may. */
function mustBeCommit(commit: string): void {
  if (!/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(commit)) {
    throw new UserError('That is no commit', `"${commit}" is not a whole object id`, ['git rev-parse HEAD'])
  }
}

import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { runId } from '../core/naming.ts'
import type { Operation } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import type { Decided } from '../plans/decided.ts'
import { version as tool } from '../version.ts'
import { gitIdentity } from '../world/git-commit.ts'
import { showFile } from '../world/git-history.ts'
import { openGit } from '../world/git.ts'
import { resolveCommit } from '../world/git-refs.ts'
import type { Context } from './context.ts'

/** Everything a plan needs that comes from the clock, from chance or from this machine; decided once. */
export async function decide(
  context: Pick<Context, 'now' | 'operator' | 'host'> & { waitMs?: number },
  project: Project,
  op: Operation,
): Promise<Decided> {
  const git = openGit(project.root)
  const [by, version] = await Promise.all([gitIdentity(git), versionOf(project)])
  const at = context.now()
  return {
    now: at.toISOString(),
    run: runId(op, at, randomBytes(2).toString('hex')),
    nonce: randomBytes(16).toString('hex'),
    operator: context.operator,
    host: context.host,
    by,
    version,
    tool,
    temp: tmpdir(),
    waitMs: context.waitMs ?? 0,
  }
}

/** The version the commit that is next carries: package.json's field, or a VERSION file's first line. */
async function versionOf(project: Project): Promise<string | null> {
  const { file } = project.version
  if (file === null) return null
  const git = openGit(project.root)
  const commit = await resolveCommit(git, `refs/heads/${project.git.branch}`)
  return commit === null ? null : versionAt(project.root, file, commit)
}

/** The version a commit carries; null where its file is not there or says none. */
export async function versionAt(root: string, file: string | null, commit: string): Promise<string | null> {
  const text = file === null ? null : await showFile(openGit(root), commit, file)
  if (text === null) return null
  if (!file?.endsWith('.json')) return text.split('\n')[0]?.trim() || null
  try {
    const { version } = JSON.parse(text) as { version?: unknown }
    return typeof version === 'string' ? version : null
  } catch {
    return null
  }
}

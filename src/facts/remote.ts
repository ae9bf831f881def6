import { messageOf } from '../core/failure.ts'
import { LOCK_REF } from '../core/paths.ts'
import type { Project } from '../core/project.ts'
import type { Git } from '../world/git.ts'
import { keepLockCopy, readSharedLock } from '../world/git-lock.ts'
import type { SharedLock } from '../world/git-lock.ts'
import type { NamedRef } from '../world/git-refs.ts'
import { fetchRemote, readRemoteRefs, remoteUrl, writtenRemoteUrl } from '../world/git-remote.ts'

/**
 * What the remote said just now, or why it did not. `movedTags` stand on another object there than here; `fetched` when
 * refs of this clone are no longer what they were before.
 */
export type RemoteAnswer =
  | { ok: true; lock: SharedLock | null; movedTags: string[]; fetched: boolean }
  | { ok: false; because: string }

const PATIENCE_MS = 10_000
const TAGS = 'refs/tags/'

/**
 * Asks the remote where its branch, `prod-current`, tags and lock stand, and fetches only when something moved.
 * `local` are the refs as they stand here. Null where there is no remote.
 */
export async function askRemote(
  git: Git,
  project: Project,
  local: Promise<readonly NamedRef[]>,
  signal?: AbortSignal,
): Promise<RemoteAnswer | null> {
  const { remote, branch, current } = project.git
  const bounded = { timeoutMs: PATIENCE_MS, ...(signal === undefined ? {} : { signal }) }
  try {
    // Asked in this very turn where nothing has to be waited for: the remote takes longest.
    if ((writtenRemoteUrl(git.root, remote) ?? (await remoteUrl(git, remote))) === null) return null
    const heads = [branch, current].map((name) => `refs/heads/${name}`)
    const tracked = (ref: string) => ref.replace('refs/heads/', `refs/remotes/${remote}/`)
    const [there, refs] = await Promise.all([
      readRemoteRefs(git, remote, [...heads, LOCK_REF, `${TAGS}*`], bounded),
      local,
    ])
    const here = new Map(refs.map(({ ref, oid }) => [ref, oid]))
    const differs = [...there]
      .filter(([ref, oid]) => ref !== LOCK_REF && here.get(tracked(ref)) !== oid)
      .map(([ref]) => ref)
    const movedTags = differs
      .filter((ref) => ref.startsWith(TAGS) && here.has(ref))
      .map((ref) => ref.slice(TAGS.length))
    const fetched = differs.length > movedTags.length
    if (fetched) await fetchRemote(git, remote, { ...bounded, timeoutMs: PATIENCE_MS * 6 })
    const lock = there.has(LOCK_REF) ? await readSharedLock(git, remote, bounded) : null
    if (lock === null && here.has(LOCK_REF)) await keepLockCopy(git, null)
    return { ok: true, lock, movedTags, fetched }
  } catch (error) {
    return { ok: false, because: messageOf(error) }
  }
}

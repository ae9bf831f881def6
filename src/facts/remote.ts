import { messageOf } from '../core/failure.ts'
import { LOCK_REF } from '../core/paths.ts'
import type { Project } from '../core/project.ts'
import type { Git } from '../world/git.ts'
import type { SharedLock } from '../world/git-lock.ts'
import { readSharedLock } from '../world/git-lock.ts'
import { readRefs } from '../world/git-refs.ts'
import { fetchRemote, readRemoteRefs, remoteUrl } from '../world/git-remote.ts'

/** What the remote said just now, or why it did not. */
export type RemoteAnswer = { ok: true; lock: SharedLock | null; movedTags: string[] } | { ok: false; because: string }

const PATIENCE_MS = 10_000

/** Asks the remote where its branch, `prod-current` and the lock stand, and fetches only when one of them moved. */
export async function askRemote(git: Git, project: Project, signal?: AbortSignal): Promise<RemoteAnswer | null> {
  const { remote, branch, current } = project.git
  const bounded = { timeoutMs: PATIENCE_MS, ...(signal === undefined ? {} : { signal }) }
  try {
    if ((await remoteUrl(git, remote)) === null) return null
    const heads = [branch, current].map((name) => ({
      there: `refs/heads/${name}`,
      here: `refs/remotes/${remote}/${name}`,
    }))
    const [there, here] = await Promise.all([
      readRemoteRefs(git, remote, [...heads.map((head) => head.there), LOCK_REF], bounded),
      readRefs(
        git,
        heads.map((head) => head.here),
      ),
    ])
    const known = new Map(here.map(({ ref, oid }) => [ref, oid]))
    const moved = heads.some((head) => there.has(head.there) && there.get(head.there) !== known.get(head.here))
    const { movedTags } = moved
      ? await fetchRemote(git, remote, { ...bounded, timeoutMs: PATIENCE_MS * 6 })
      : { movedTags: [] }
    const lock = there.has(LOCK_REF) ? await readSharedLock(git, remote, bounded) : null
    return { ok: true, lock, movedTags }
  } catch (error) {
    return { ok: false, because: messageOf(error) }
  }
}

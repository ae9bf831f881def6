import { messageOf } from '../core/failure.ts'
import type { Check } from '../core/plug-in.ts'
import type { Project } from '../core/project.ts'
import { clean } from '../core/text.ts'
import { openGit, GitFailed, type Git } from '../world/git.ts'
import { gitIdentity } from '../world/git-commit.ts'
import { readRemoteRefs, remoteUrl } from '../world/git-remote.ts'
import { readRef } from '../world/git-refs.ts'
import { bad, good } from './doctor-machine.ts'

const REMOTE_MS = 20_000

/** The repository itself: readable, with commits and a name to sign them with. */
export async function checkRepository(project: Project, git: Git): Promise<Check[]> {
  try {
    await git.raw(['rev-parse', '--git-dir'])
  } catch (error) {
    const fix = /dubious ownership/.test(messageOf(error))
      ? `git config --global --add safe.directory ${project.root}`
      : 'Look at it with git status.'
    return [bad('repository', clean(messageOf(error)), fix)]
  }
  const { branch } = project.git
  const tip = await readRef(git, `refs/heads/${branch}`)
  const born =
    tip !== null ||
    (await git.raw(['rev-parse', '--verify', '--quiet', 'HEAD']).catch(() => '')) !== '' ||
    (await readRef(git, `refs/remotes/${project.git.remote}/${branch}`)) !== null
  const shallow = (await git.raw(['rev-parse', '--is-shallow-repository'])).trim() === 'true'
  const who = await gitIdentity(git).catch(() => null)
  return [
    tip === null
      ? bad(
          'branch',
          born ? `there is no branch ${branch} here` : 'there are no commits yet: nothing can be released',
          born
            ? `git switch ${branch}, or set git.branch to the branch you release.`
            : 'Commit something: git add, then git commit.',
        )
      : good('branch', `${branch} is at ${tip.slice(0, 7)}`),
    ...(shallow
      ? [bad('history', 'this clone is shallow: what it returns to may be missing', 'git fetch --unshallow')]
      : []),
    who === null
      ? bad(
          'identity',
          'git does not know who you are, and tags need a name',
          'git config user.name "…"; git config user.email "…"',
        )
      : good('identity', `you sign as ${clean(who.name)}`),
  ]
}

/** The remote answers, has the branch, and lets `prod-current` go back and the lock be removed, as far as that can be read. */
export async function checkRemote(project: Project, git: Git, signal: AbortSignal): Promise<Check[]> {
  const { remote, branch, current } = project.git
  const url = await remoteUrl(git, remote)
  if (url === null) {
    const pushes = project.deploy.targets.some((target) => target.use === 'git-push')
    const fix = `git remote add ${remote} URL, or set git.remote.`
    return [
      pushes
        ? bad('remote', `there is no remote ${remote}, and a target pushes to it`, fix)
        : { id: 'remote', ok: 'unknown', says: 'no remote: no lock is shared with other machines', fix },
    ]
  }
  try {
    const refs = await readRemoteRefs(git, remote, [`refs/heads/${branch}`, `refs/heads/${current}`], {
      timeoutMs: REMOTE_MS,
      signal,
    })
    const there = refs.has(`refs/heads/${branch}`)
    const branchCheck = there
      ? good('remote', `${remote} answers and has ${branch}`)
      : {
          id: 'remote',
          ok: 'unknown' as const,
          says: `${remote} answers and has no ${branch} yet`,
          fix: 'The first deploy makes it.',
        }
    return [branchCheck, await rewinds(project, await rawUrl(git, remote))]
  } catch (error) {
    return [bad('remote', `${remote} does not answer: ${clean(messageOf(error))}`, `Try git ls-remote ${remote}.`)]
  }
}

/** A server's own settings cannot be asked for over the network; those of a remote on this machine can. */
async function rewinds(project: Project, url: string): Promise<Check> {
  const id = 'remote.rewind'
  const { current } = project.git
  const path = url.startsWith('file://') ? decodeURIComponent(new URL(url).pathname) : url.startsWith('/') ? url : null
  const fix = `See that the server lets ${current} be moved back and refs/knowngood/* be removed.`
  if (path === null)
    return { id, ok: 'unknown', says: `whether the server lets ${current} go back cannot be read from here`, fix }
  const host = openGit(path)
  const denied = await Promise.all(
    ['receive.denyNonFastForwards', 'receive.denyDeletes'].map((key) => setting(host, key)),
  )
  const [rewind, remove] = denied
  if (rewind === true)
    return bad(
      id,
      `the remote refuses to move ${current} back (receive.denyNonFastForwards)`,
      `git -C ${path} config receive.denyNonFastForwards false`,
    )
  if (remove === true)
    return bad(
      id,
      'the remote refuses to remove the lock (receive.denyDeletes)',
      `git -C ${path} config receive.denyDeletes false`,
    )
  if (denied.includes(null)) return { id, ok: 'unknown', says: `the settings of ${clean(path)} could not be read`, fix }
  return good(id, `the remote lets ${current} go back`)
}

async function setting(git: Git, key: string): Promise<boolean | null> {
  try {
    return (await git.raw(['config', '--type=bool', '--get', key])).trim() === 'true'
  } catch (error) {
    return error instanceof GitFailed && error.code === 1 ? false : null
  }
}

async function rawUrl(git: Git, remote: string): Promise<string> {
  return (await git.raw(['config', '--get', `remote.${remote}.url`])).trim()
}

/** Backups and our own state are ignored, and none of them is committed. */
export async function checkIgnored(git: Git): Promise<Check[]> {
  const tracked = (await git.raw(['ls-files', '-z', '--', 'backups', 'immaculate', '.knowngood']))
    .split('\0')
    .filter(Boolean)
  const checks: Check[] = []
  if (tracked.length > 0) {
    const count = tracked.length === 1 ? '1 file' : `${tracked.length} files`
    checks.push(
      bad(
        'backups.tracked',
        `backups are committed: ${count}, such as ${clean(tracked[0] ?? '')}`,
        'git rm -r --cached --ignore-unmatch backups immaculate .knowngood, then commit.',
      ),
    )
  }
  for (const path of ['.knowngood', 'backups']) {
    const ignored = await git.raw(['check-ignore', '-q', '--no-index', '--', `${path}/any`]).then(
      () => true,
      (error: unknown) => (error instanceof GitFailed && error.code === 1 ? false : null),
    )
    if (ignored === false) checks.push(bad('ignored', `${path}/ is not ignored by git`, `Add ${path}/ to .gitignore.`))
  }
  return checks.length > 0 ? checks : [good('ignored', 'backups and .knowngood are ignored by git')]
}

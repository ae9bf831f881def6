import { age } from '../core/age.ts'
import type { ListedBackup } from '../core/backup.ts'
import type { Gate } from '../core/facts.ts'
import { short } from '../core/naming.ts'
import type { Project } from '../core/project.ts'
import { tagPattern } from '../core/release.ts'
import { appendAudit } from '../records/audit-log.ts'
import { listBackups } from '../records/catalog.ts'
import { now } from '../world/clock.ts'
import { openGit } from '../world/git.ts'
import { host } from '../world/identity.ts'

/** The line that ends a passed gate: which release is live, and the newest backup of each kind with its age and proof. */
export async function closeGate(project: Project, gate: Gate, operator: string): Promise<void> {
  const [live, backups] = await Promise.all([liveTag(project), listBackups(project.root, project)])
  const newest = newestOfKind(backups)
  const named = newest.map((backup) => `${backup.kind} ${backup.path} (${age(backup.at, now())}, ${backup.rung})`)
  await appendAudit(project.root, {
    actor: operator,
    host: host(),
    run: null,
    event: 'gate',
    outcome: 'passed',
    subject: [short(gate.commit), `live ${live ?? 'unknown'}`, ...(named.length > 0 ? named : ['no backup'])].join(
      ' · ',
    ),
    detail: {
      commit: gate.commit,
      live,
      waived: gate.items.filter((item) => item.state === 'waived').map((item) => item.id),
      backups: newest.map(({ id, kind, path, at, rung }) => ({ id, kind, path, at, rung })),
    },
  })
}

function newestOfKind(backups: readonly ListedBackup[]): ListedBackup[] {
  const usable = backups.filter((backup) => backup.state === 'ok')
  return [...new Map(usable.toReversed().map((backup) => [backup.kind, backup])).values()]
}

/** The prod tag of the commit `prod-current` leads to, as last fetched; null when there is none. */
async function liveTag(project: Project): Promise<string | null> {
  const { remote, current, tag } = project.git
  const git = openGit(project.root)
  const pattern = tagPattern(tag)
  for (const ref of [`refs/remotes/${remote}/${current}`, `refs/heads/${current}`]) {
    const out = await git
      .raw(['for-each-ref', '--sort=-creatordate', '--format=%(refname:strip=2)', `--points-at=${ref}`, 'refs/tags'])
      .catch(() => '')
    const name = out.split('\n').find((line) => pattern.test(line))
    if (name !== undefined) return name
  }
  return null
}

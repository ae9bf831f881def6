import type { ListedBackup } from '../core/backup.ts'
import type { MirrorFacts } from '../core/facts.ts'
import { isHeld, wanted } from '../core/mirror-work.ts'
import type { Project } from '../core/project.ts'
import { readMirrorLog } from '../records/mirror-log.ts'
import { now } from '../world/clock.ts'

/** How far behind each mirror is, by what was noted when it was last given something: nobody is asked over the network. */
export async function observeMirrors(project: Project, backups: readonly ListedBackup[]): Promise<MirrorFacts[]> {
  if (project.mirrors.length === 0) return []
  const log = await readMirrorLog(project.root)
  return project.mirrors.map(({ to, kinds, latest, freshMs }) => {
    const own = log.filter((line) => line.mirror === to)
    const held = new Map<string, (typeof own)[number]>()
    for (const line of own) {
      if (line.what === 'dropped') held.delete(`${line.id} ${line.digest}`)
      else held.set(`${line.id} ${line.digest}`, line)
    }
    const lacks = wanted({ kinds, latest }, backups, now()).filter((one) => !isHeld(one, [...held.values()]))
    const lastAt = own.findLast((line) => line.what !== 'dropped')?.at ?? null
    const late = lacks.some((one) => freshMs !== null && now().getTime() - Date.parse(one.at) > freshMs)
    return { to, lacks: lacks.map(({ id }) => id), holds: held.size, lastAt, stale: late }
  })
}

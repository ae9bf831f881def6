import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { git } from './git.ts'
import { timestamp } from '../core/naming.ts'
import type { History, PastRelease } from './history.ts'

const HOUR = 3_600_000

/**
 * What lay in `backups/` before Knowngood came: quick records of the team's own tool, site snapshots and the
 * artefact of every release, as plain zips. One record took a flipped byte on disk, one is six weeks old.
 */
export async function makeEarlierBackups(
  root: string,
  env: Record<string, string>,
  now: Date,
  history: History,
): Promise<void> {
  const folder = join(root, 'backups')
  await mkdir(join(folder, 'quick'), { recursive: true })
  const { releases, first } = history
  await writeQuick(folder, ago(now, 37 * 24), first, 'the very first', false)
  for (const [index, release] of releases.entries()) {
    const live = releases[index - 1]
    const before = new Date(release.at.getTime() - HOUR)
    // The record taken before the third release is the one that rotted.
    if (live !== undefined) await writeQuick(folder, before, pointer(live), `before ${release.tag}`, index === 2)
    await writeZip(root, env, `${release.tag}.zip`, release.commit, release.at)
  }
  const live = releases.at(-1)
  if (live === undefined) return
  await writeQuick(folder, ago(now, 26), pointer(live), 'end of the day', false)
  const at = ago(now, 6)
  await writeZip(root, env, `site-backup_${timestamp(at)}.zip`, live.commit, at)
}

const ago = (now: Date, hours: number): Date => new Date(now.getTime() - hours * HOUR)
const pointer = (release: PastRelease): Pointer => ({ commit: release.commit, subject: `Release ${release.version}` })

type Pointer = { commit: string; subject: string }

async function writeQuick(
  folder: string,
  at: Date,
  { commit, subject }: Pointer,
  notes: string,
  damage: boolean,
): Promise<void> {
  const id = `quick-${at.getTime()}`
  const record = {
    id,
    type: 'quick',
    timestamp: at.toISOString(),
    commitHash: commit,
    commitMessage: subject,
    branch: 'main',
    notes,
  }
  const bytes = Buffer.from(`${JSON.stringify(record, null, 2)}\n`)
  if (damage) {
    // One bit of one digit: the file still parses, and no longer names a commit.
    const spot = bytes.indexOf(commit) + 7
    const digit = bytes.readUInt8(spot)
    bytes.writeUInt8(digit ^ (digit < 0x40 ? 0x40 : 0x10), spot)
  }
  const path = join(folder, 'quick', `quick-backup-${at.getTime()}.json`)
  await writeFile(path, bytes, { mode: 0o600 })
  await utimes(path, at, at)
}

async function writeZip(
  root: string,
  env: Record<string, string>,
  name: string,
  commit: string,
  at: Date,
): Promise<void> {
  const path = join(root, 'backups', name)
  await git(root, env, ['archive', '--format=zip', `--output=${path}`, commit])
  await utimes(path, at, at)
}

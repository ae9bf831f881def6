import { size } from '../core/age.ts'
import { driveAway } from '../calls/backup-drive.ts'
import { diskWarnings } from '../core/disk-warnings.ts'
import type { Check } from '../core/plug-in.ts'
import type { Project } from '../core/project.ts'
import { observeDisk } from '../facts/disk.ts'
import { observeRuns } from '../facts/runs.ts'
import { driveOf } from '../plans/backup-request.ts'
import { now } from '../world/clock.ts'
import { folderSize } from '../world/disk.ts'
import { missingProgram } from '../world/programs.ts'
import { bad, good } from './doctor-machine.ts'
import { keptCopies, keptLines } from './kept-copies.ts'

/** Room for backups on the volume that holds them, and what they take of it. */
export async function checkDisk(project: Project): Promise<Check[]> {
  const disk = await observeDisk(project)
  const says = `${size(disk.free)} of ${size(disk.total)} free, backups hold ${size(disk.used)}`
  if (disk.free < project.disk.free)
    return [bad('disk', says, `Free at least ${size(project.disk.free)}: no backup starts below it.`)]
  const fix = 'Make room: knowngood prune -n shows what would go.'
  const warnings = diskWarnings(project, disk).map((line): Check => ({ id: 'disk', ok: 'unknown', says: line, fix }))
  return [good('disk', says), ...warnings]
}

/** What restores took out and still keep: room that somebody may want back. */
export async function checkKept(project: Project): Promise<Check[]> {
  const lines = keptLines(await keptCopies(project, await observeRuns(project.root)), now())
  return lines.map((line) => good('kept', `kept by a restore: ${line}`))
}

/** What data archives need: the drive, its quota, and what encrypts them. Nothing where none is configured. */
export async function checkDrive(project: Project): Promise<Check[]> {
  const drive = driveOf(project, 'data')
  if (drive === null) return []
  const { to, quota, encrypt } = drive
  const away = await driveAway(drive, project.root)
  const checks = [away === null ? good('data', `${to} is there`) : bad('data', away, 'Mount the drive.')]
  if (away === null && quota !== null) {
    const used = await folderSize(to)
    const says = `${to} holds ${size(used)} of ${size(quota)}`
    checks.push(
      used < quota * 0.8
        ? good('data.quota', says)
        : {
            id: 'data.quota',
            ok: 'unknown',
            says,
            fix: 'Make room: knowngood prune data, or raise backups.data.quota.',
          },
    )
  }
  if (encrypt === null) return checks
  const program = 'gpg' in encrypt ? 'gpg' : 'age'
  const missing = await missingProgram(program, project.root)
  checks.push(
    missing === null
      ? good('data.encrypt', `${program} is there`)
      : bad('data.encrypt', missing, `Install ${program}.`),
  )
  if ('gpg' in encrypt)
    checks.push(
      (process.env[encrypt.gpg] ?? '') === ''
        ? bad('data.key', `${encrypt.gpg} is not set`, `Set ${encrypt.gpg}: without it no archive is made.`)
        : good('data.key', `${encrypt.gpg} is set`),
    )
  return checks
}

import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { size } from '../core/age.ts'
import type { DriveInput } from '../core/backup-input.ts'
import { held } from '../core/failure.ts'
import type { Io } from '../core/plan.ts'
import { folderSize } from '../world/disk.ts'
import { codeOf } from '../world/files.ts'

/** Before anything is written there: the drive is mounted, has room within its quota, and the key is at hand. */
export async function checkDrive(drive: DriveInput, last: number, io: Io): Promise<void> {
  const { to, quota, encrypt } = drive
  await mustBeMounted(drive, io)
  if (encrypt !== null && 'gpg' in encrypt) passphrase(encrypt.gpg, io)
  if (quota === null) return
  const used = await folderSize(to)
  if (used + last > quota)
    throw held(`${to} would exceed its quota`, `${size(used)} of ${size(quota)} are used`, [
      'Remove old ones: knowngood prune data, or raise backups.data.quota.',
    ])
  if (used >= quota * 0.8) io.line(`${to} holds ${size(used)}, ${Math.round((used / quota) * 100)} % of its quota`)
}

/** Looked at before writing and again before publishing: a drive that went away leaves a plain folder behind. */
export async function mustBeMounted(drive: DriveInput, io: Io): Promise<void> {
  const why = await driveAway(drive, io.root)
  if (why !== null) throw held('The drive is away', why, ['Mount it and try again. Nothing was written.'])
}

/** Why a drive that must be mounted is not; null when it is, or need not be. */
export async function driveAway({ to, mounted }: DriveInput, root: string): Promise<string | null> {
  if (!mounted) return null
  const [there, here, top] = await Promise.all([deviceOf(to), deviceOf(root), deviceOf('/')])
  if (there !== null && there !== here && there !== top) return null
  return there === null ? `${to} is not there` : `${to} is a plain folder of this machine, not a mounted drive`
}

/** The device of a path, or of the nearest folder above it that exists. */
async function deviceOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).dev
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) return null
    return deviceOf(dirname(path))
  }
}

/** What a passphrase is, to gpg: the first line, not empty. */
export function passphrase(name: string, io: Io): string {
  const value = io.secret(name)
  if (!/[\r\n]/.test(value)) return value
  throw held(`The passphrase in ${name} has more than one line`, 'gpg would use the first line only', [
    'Set it to a single line.',
  ])
}

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { onTestFinished } from 'vitest'

/** Whether volumes cannot be mounted here; where every part is demanded, the test fails by itself instead. */
export const noMounts = process.env['KNOWNGOOD_REQUIRE_ALL'] !== '1' && process.getuid?.() !== 0

/** A small volume in memory, mounted at a folder until the test is over. Options as for `mount -t tmpfs`. */
export function volume(folder: string, options: string): string {
  mkdirSync(folder, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'knowngood', folder])
  onTestFinished(() => void spawnSync('umount', ['-l', folder]))
  return folder
}

import { execFileSync, spawnSync } from 'node:child_process'
import { onTestFinished } from 'vitest'

/** Whether this process may mount; where every part is demanded it has to. */
export const mayMount =
  process.env['KNOWNGOOD_REQUIRE_ALL'] === '1' ||
  spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0

/** Mounts a volume of this size ("1m") on a folder until the test is over. */
export function mountSmall(folder: string, size: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder])
  onTestFinished(() => void spawnSync('umount', [folder]))
}

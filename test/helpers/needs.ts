import { spawnSync } from 'node:child_process'

/**
 * Whether a part that a test works with is missing here: then it is skipped, and its title names the package. Where every part
 * is demanded (KNOWNGOOD_REQUIRE_ALL=1) nothing is missing, and the test fails by itself.
 */
export function missing(program: string, args: string[] = ['--version']): boolean {
  if (process.env['KNOWNGOOD_REQUIRE_ALL'] === '1') return false
  return spawnSync(program, args, { stdio: 'ignore' }).error !== undefined
}

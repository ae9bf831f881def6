import { packageOf } from './package-json.ts'
import type { Look } from './repo-view.ts'

/** How a JavaScript project's packages are installed and its scripts run; `install` null where no lock file says how. */
export type PackageManager = { name: string; install: string[] | null; run(script: string): string[] }

const BY_LOCK = [
  { lock: 'package-lock.json', install: ['npm', 'ci'] },
  { lock: 'npm-shrinkwrap.json', install: ['npm', 'ci'] },
  { lock: 'pnpm-lock.yaml', install: ['pnpm', 'install', '--frozen-lockfile'] },
  { lock: 'yarn.lock', install: ['yarn', 'install', '--frozen-lockfile'] },
  { lock: 'bun.lock', install: ['bun', 'install', '--frozen-lockfile'] },
  { lock: 'bun.lockb', install: ['bun', 'install', '--frozen-lockfile'] },
] as const

/** The one whose lock file is there, else the one that package.json names, else npm. */
export async function packageManager(look: Look): Promise<PackageManager> {
  const found = BY_LOCK.find(({ lock }) => look.files.includes(lock))
  const told = packageOf(await look.read('package.json'))['packageManager']
  const named = typeof told === 'string' ? /^(npm|pnpm|yarn|bun)@/.exec(told)?.[1] : undefined
  const name = found?.install[0] ?? named ?? 'npm'
  // `bun test` is a runner of its own, and not the script of that name.
  const run = (script: string) => (script === 'test' && name !== 'bun' ? [name, 'test'] : [name, 'run', script])
  return { name, install: found === undefined ? null : [...found.install], run }
}

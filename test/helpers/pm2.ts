import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export type Pm2 = { env: Record<string, string>; run(...args: string[]): string; end(): void }

/**
 * A real PM2 with a home of its own below `folder`: the project's, else one installed there; null where neither can be
 * had. `env` is what makes a program find this one. The daemon starts with the first command and ends with `end`.
 */
export function realPm2(folder: string): Pm2 | null {
  const bin = ownBin() ?? install(join(folder, 'pm2'))
  if (bin === null) return null
  const env = { PATH: `${bin}${delimiter}${process.env['PATH']}`, PM2_HOME: join(folder, 'home') }
  const run = (...args: string[]) =>
    execFileSync('pm2', args, { env: { ...process.env, ...env }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  return { env, run, end: () => void run('kill') }
}

function ownBin(): string | null {
  const bin = fileURLToPath(new URL('../../node_modules/.bin', import.meta.url))
  return existsSync(join(bin, 'pm2')) ? bin : null
}

function install(prefix: string): string | null {
  const args = ['install', '--prefix', prefix, '--no-audit', '--no-fund', '--ignore-scripts', 'pm2@7.0.4']
  try {
    execFileSync('npm', args, { stdio: 'ignore', timeout: 50_000 })
    return join(prefix, 'node_modules', '.bin')
  } catch {
    return null
  }
}

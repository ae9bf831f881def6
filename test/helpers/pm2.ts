import { execFileSync } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { npmTool } from './npm-tool.ts'

export type Pm2 = { env: Record<string, string>; run(...args: string[]): string; end(): void }

/**
 * A real PM2 with a home of its own below `folder`, or why there is none. `env` is what makes a program find this one. The
 * daemon starts with the first command and ends with `end`.
 */
export function realPm2(folder: string): Pm2 | string {
  const tool = npmTool(join(folder, 'pm2'), 'pm2@7.0.4')
  if (typeof tool === 'string') return tool
  const env = { PATH: `${tool.bin}${delimiter}${process.env['PATH']}`, PM2_HOME: join(folder, 'home') }
  const run = (...args: string[]) =>
    execFileSync('pm2', args, { env: { ...process.env, ...env }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  return { env, run, end: () => void run('kill') }
}

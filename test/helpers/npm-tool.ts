import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The folder with a tool's real program: the project's own, else one installed below `folder` for this test; or why there
 * is none. `wanted` is the package with its version, and its program has the package's name.
 */
export function npmTool(folder: string, wanted: `${string}@${string}`): { bin: string } | string {
  const [name = ''] = wanted.split('@')
  const own = fileURLToPath(new URL('../../node_modules/.bin', import.meta.url))
  if (existsSync(join(own, name))) return { bin: own }
  try {
    const args = ['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts', wanted]
    execFileSync('npm', args, { stdio: 'ignore', timeout: 50_000 })
    return { bin: join(folder, 'node_modules', '.bin') }
  } catch {
    return `${name} is missing, and no registry answers: npm install --prefix FOLDER ${wanted}`
  }
}

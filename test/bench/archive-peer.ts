import { build } from 'esbuild'
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Done, Task } from './archive-task.ts'

/** Bundles our own as the program is, so that no time and memory goes into the stripping of types. */
export async function bundleOurs(folder: string): Promise<(task: Task) => Promise<Done>> {
  const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
  await build({
    entryPoints: [source('archive-task.ts'), source('../../src/archive/archive-worker.ts')],
    outdir: folder,
    entryNames: '[name]',
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  })
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  // In a process of its own; its start is not counted, since the program is running when it archives.
  return async (task) => {
    const argv = [process.execPath, join(folder, 'archive-task.js'), JSON.stringify(task)]
    return JSON.parse((await run(argv, '/', () => undefined)).said) as Done
  }
}

/** Another program, from its start to its end; `made` is the file that it makes. */
export async function peer(argv: string[], cwd: string, made: string | null = null): Promise<Done> {
  let peakMb = 0
  const { ms } = await run(argv, cwd, (pid) => (peakMb = Math.max(peakMb, peakOf(pid))))
  return { ms, peakMb, bytes: made === null ? 0 : statSync(made).size, sha256: '' }
}

export function has(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
}

/** `look` is called while it runs: our own say themselves how much memory they took. */
async function run(argv: string[], cwd: string, look: (pid: number) => void): Promise<{ ms: number; said: string }> {
  const began = performance.now()
  const child = spawn(argv[0] ?? '', argv.slice(1), { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const watch = setInterval(() => look(child.pid ?? 0), 20)
  const code = await new Promise<number | null>((resolve, reject) => child.on('close', resolve).on('error', reject))
  clearInterval(watch)
  if (code !== 0) throw new Error(`${argv.join(' ').slice(0, 200)} ended with ${code}`)
  return { ms: performance.now() - began, said }
}

/** The most memory that a process and its children have used so far, in MB; 0 where that cannot be seen. */
function peakOf(pid: number): number {
  try {
    const own = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    return own + (children === '' ? 0 : children.split(' ').reduce((sum, child) => sum + peakOf(Number(child)), 0))
  } catch {
    return 0
  }
}

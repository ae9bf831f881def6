import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Docker } from './docker.ts'

/** Podman with a store of the test's own, or why there is none. It has no engine that runs: `stop` removes the store. */
export function startPodman(): Docker | string {
  const folder = mkdtempSync(join(tmpdir(), 'knowngood-podman-'))
  const at = (name: string) => join(folder, name)
  writeFileSync(
    at('storage.conf'),
    `[storage]\ndriver = "vfs"\ngraphroot = "${at('root')}"\nrunroot = "${at('run')}"\n`,
  )
  const engine = ['events_logger = "file"', 'cgroup_manager = "cgroupfs"', `tmp_dir = "${at('tmp')}"`]
  writeFileSync(at('containers.conf'), ['[engine]', ...engine, ''].join('\n'))
  const env = {
    DOCKER: 'podman',
    CONTAINERS_STORAGE_CONF: at('storage.conf'),
    CONTAINERS_CONF: at('containers.conf'),
    TMPDIR: folder,
  }
  const run = (...args: string[]) =>
    execFileSync('podman', args, {
      env: { ...process.env, ...env },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  const stop = async () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  try {
    run('image', 'ls')
  } catch (error) {
    void stop()
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    return missing ? 'podman is missing: apt-get install podman' : `podman does not run here: ${String(error)}`
  }
  return {
    env,
    run,
    build: (image, text) => {
      mkdirSync(at('context'), { recursive: true })
      writeFileSync(at('context/page'), text)
      execFileSync('tar', ['-C', at('context'), '-cf', at('page.tar'), 'page'])
      return run('import', '--quiet', '--change', 'CMD ["/page"]', at('page.tar'), image)
    },
    stop,
  }
}

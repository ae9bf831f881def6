import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** `env` makes a program talk to this engine. `build` makes an image that holds one file with this text. */
export type Docker = {
  env: Record<string, string>
  run(...args: string[]): string
  build(image: string, text: string): string
  stop(): Promise<void>
}

const ALONE = ['iptables', 'ip6tables', 'ip-forward', 'ip-masq'].map((flag) => `--${flag}=false`)

/** A Docker engine of the test's own, or why there is none. */
export async function startDocker(): Promise<Docker | string> {
  if (process.getuid?.() !== 0) return 'a Docker engine of its own needs root'
  const folder = mkdtempSync(join(tmpdir(), 'knowngood-docker-'))
  const at = (name: string) => join(folder, name)
  const where = ['--data-root', at('root'), '--exec-root', at('exec'), '-p', at('pid'), '-H', `unix://${at('sock')}`]
  const rest = ['--bridge=none', '--storage-driver=vfs', '--exec-opt', 'native.cgroupdriver=cgroupfs']
  const engine = spawn('dockerd', [...where, ...ALONE, ...rest], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise<void>((resolve) => void engine.once('close', () => resolve()))
  const missing = new Promise<string>((resolve) => {
    engine.once('error', () => resolve('dockerd is missing: apt-get install docker.io'))
    void ended.then(() => resolve('dockerd does not run here: the kernel does not let it'))
  })
  const ready = new Promise<null>((resolve) => {
    createInterface({ input: engine.stderr }).on('line', (line) => {
      if (line.includes('API listen on')) resolve(null)
    })
  })
  const clear = () => {
    try {
      execFileSync('umount', [at('exec/netns/default')], { stdio: 'ignore' })
    } catch {
      // Not there.
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  const why = await Promise.race([missing, ready])
  if (why !== null) {
    clear()
    return why
  }
  const env = { DOCKER_HOST: `unix://${at('sock')}`, DOCKER_BUILDKIT: '0' }
  const run = (...args: string[]) =>
    execFileSync('docker', args, {
      env: { ...process.env, ...env },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  return {
    env,
    run,
    build: (image, text) => {
      mkdirSync(at('context'), { recursive: true })
      writeFileSync(at('context/page'), text)
      execFileSync('tar', ['-C', at('context'), '-cf', at('page.tar'), 'page'])
      const changes = ['--change', 'ENV API_TOKEN=canary-of-an-image', '--change', 'CMD ["/page"]']
      return run('import', ...changes, at('page.tar'), image)
    },
    stop: async () => {
      engine.kill('SIGTERM')
      await ended
      clear()
    },
  }
}

import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { testIo } from './io.ts'

/** What every fake CLI must be given as its credential, and what no output and no file may hold. */
export const CANARY = 'canary-of-this-test'

/** A host behind a fake CLI of its name, below `folder`. `env` leads a child to it. */
export function fakeHost<T extends object>(folder: string, program: 'netlify' | 'vercel' | 'convex-deploy', state: T) {
  const bin = join(folder, 'bin')
  const file = join(folder, 'host.json')
  mkdirSync(bin, { recursive: true })
  const name = program === 'convex-deploy' ? 'convex' : program
  copyFileSync(fileURLToPath(new URL(`../fixtures/fake-${program}.cjs`, import.meta.url)), join(bin, name))
  chmodSync(join(bin, name), 0o755)
  const write = (next: T) => writeFileSync(file, JSON.stringify(next))
  write(state)
  return {
    env: { FAKE_HOST: file, PATH: `${bin}${delimiter}${process.env['PATH']}` },
    state: () => JSON.parse(readFileSync(file, 'utf8')) as T,
    set: (more: Partial<T>) => write({ ...(JSON.parse(readFileSync(file, 'utf8')) as T), ...more }),
    io: (run: string, signal?: AbortSignal) => ({ ...testIo(folder, signal), run, secret: () => CANARY }),
  }
}

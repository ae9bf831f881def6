import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { onTestFinished } from 'vitest'
import { makeDemo } from '../../src/demo/demo.ts'
import { git } from '../../src/demo/git.ts'
import { built } from './built.ts'

export type Said = { exit: number | undefined; out: string; err: string; json: Record<string, unknown> }

export type Where = { cwd?: string; env?: Record<string, string> }

/** An operator without a terminal: the built program on a demo production, another clone or any folder. */
export async function operator() {
  const demo = await makeDemo()
  onTestFinished(() => demo.stop())
  /** Starts the program and does not wait for it. */
  const start = (args: string[], { cwd = demo.root, env = {} }: Where = {}) => {
    const [program = '', ...rest] = built(...args)
    return execa(program, rest, { extendEnv: false, reject: false, stdin: 'ignore', cwd, env: { ...demo.env, ...env } })
  }
  const kg = async (args: string[], more?: Where): Promise<Said> => {
    const ended = await start(args, more)
    const { exitCode: exit, stdout: out, stderr: err } = ended
    return { exit, out, err, json: args.includes('--json') ? JSON.parse(out) : {} }
  }
  return {
    demo,
    start,
    kg,
    sh: (...args: string[]) => git(demo.root, demo.env, args),
    /** A backup of this session and a passed gate, so that a deploy may begin. */
    async ready(more?: Where) {
      await kg(['backup', 'quick'], more)
      await kg(['gate'], more)
      for (const id of ['sign-in', 'chat'])
        await kg(
          ['gate', 'waive', id, '--reason', 'a test', '--approved-by', 'ana', '--confirm=mosaic-production'],
          more,
        )
    },
  }
}

/** One hash over every name, mode and byte below a folder, but for caches: what was read once may be remembered. */
export function fingerprint(folder: string): string {
  const hash = createHash('sha256')
  const walk = (path: string) => {
    if (path.endsWith('/.knowngood/cache')) return
    const stat = lstatSync(path)
    hash.update(`${path}\0${stat.mode}\0`)
    if (stat.isSymbolicLink()) hash.update(readlinkSync(path))
    else if (stat.isDirectory()) for (const name of readdirSync(path).toSorted()) walk(join(path, name))
    else if (stat.isFile()) hash.update(readFileSync(path))
  }
  walk(folder)
  return hash.digest('hex')
}

import { resolve } from 'node:path'
import { messageOf } from '../core/failure.ts'
import { execute } from './exec.ts'

/** Makes a folder immutable for everybody, root included, where the file system can. Says what came of it; never throws. */
export async function freezeWhole(path: string, cwd: string): Promise<string> {
  const whole = resolve(cwd, path)
  try {
    await execute({ argv: ['chattr', '-R', '+i', '--', whole], idleMs: 60_000, timeoutMs: 600_000 })
    return `${path} is immutable now; only chattr -R -i undoes that.`
  } catch (error) {
    return `${path} could not be made immutable (${messageOf(error)}); its modes are read-only.`
  }
}

import { chownSync } from 'node:fs'

const NOBODY = 65_534

/** Does something as a user whom modes bind: root is nobody meanwhile, to whom `folder` is given, whoever else stays who they are. */
export async function asOrdinaryUser<T>(folder: string, work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return await work()
  chownSync(folder, NOBODY, NOBODY)
  process.setegid?.(NOBODY)
  process.seteuid?.(NOBODY)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
    process.setegid?.(0)
  }
}

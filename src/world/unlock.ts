import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { messageOf, StepFailed } from '../core/failure.ts'
import { execute } from './exec.ts'
import { makeFolder, temporaryBeside } from './files.ts'

/** The variable with the passphrase, or the one that names the file with age's identities. */
export type Key = { gpg: string } | { age: string }

type Unlock = {
  file: string
  to: string
  key: Key
  signal: AbortSignal
  secret(name: string): string
  onChild?: (pid: number) => void
}

const IDLE_MS = 0
const TOTAL_MS = 6 * 3_600_000

/**
 * Decrypts a file, published whole and only when the tool vouched for every byte: both leave plaintext behind when they
 * find out late that it was tampered with, and that is removed. The passphrase goes by the child's stdin alone.
 */
export async function unlock({ file, to, key, signal, secret, onChild }: Unlock): Promise<void> {
  await makeFolder(dirname(to))
  const beside = temporaryBeside(to)
  const limits = { idleMs: IDLE_MS, timeoutMs: TOTAL_MS, signal, onChild }
  const home = 'gpg' in key ? await mkdtemp(join(tmpdir(), 'knowngood-gpg-')) : null
  try {
    if ('gpg' in key) {
      const quiet = ['--batch', '--yes', '--no-tty', '--homedir', home ?? '', '--pinentry-mode', 'loopback']
      const argv = ['gpg', ...quiet, '--passphrase-fd', '0', '--output', beside, '--decrypt', file]
      await execute({ argv, stdin: `${secret(key.gpg)}\n`, ...limits })
    } else await execute({ argv: ['age', '--decrypt', '-i', secret(key.age), '-o', beside, file], ...limits })
    await rename(beside, to)
  } catch (error) {
    throw error instanceof StepFailed
      ? new StepFailed('unlock', `${file} could not be decrypted: ${messageOf(error)}`, error.output)
      : error
  } finally {
    await rm(beside, { force: true })
    if (home !== null) await forget(home)
  }
}

/** gpg leaves an agent in its home; it goes with it. */
async function forget(home: string): Promise<void> {
  await execute({ argv: ['gpgconf', '--homedir', home, '--kill', 'all'], idleMs: 0, timeoutMs: 10_000 }).catch(
    () => undefined,
  )
  await rm(home, { recursive: true, force: true })
}

import { rm } from 'node:fs/promises'
import { sha256File } from '../archive/checksum.ts'
import { StepFailed } from '../core/failure.ts'
import type { Io } from '../core/plan.ts'
import type { Encrypt } from '../core/project.ts'
import { execute } from '../world/exec.ts'
import { exists } from '../world/files.ts'
import { RUN_VARIABLE } from '../world/orphans.ts'
import { passphrase } from './backup-drive.ts'

const IDLE_MS = 0
const TIMEOUT_MS = 6 * 3_600_000
const GPG = ['gpg', '--batch', '--yes', '--no-tty', '--pinentry-mode', 'loopback', '--passphrase-fd', '0'] as const

/** Encrypts a file to `to`, which must not exist; the passphrase goes through a descriptor. Leaves nothing when it fails. */
export async function encryptFile(from: string, to: string, encrypt: Encrypt, io: Io): Promise<void> {
  const symmetric = 'gpg' in encrypt
  const argv = symmetric
    ? [...GPG, '--symmetric', '--cipher-algo', 'AES256', '--output', to, '--', from]
    : [
        'age',
        '--encrypt',
        ...encrypt.age.flatMap((recipient) => ['--recipient', recipient]),
        '--output',
        to,
        '--',
        from,
      ]
  await child(argv, symmetric ? passphrase(encrypt.gpg, io) : undefined, to, io)
}

/**
 * Decrypts an archive with the passphrase held by the variable `gpg` names. gpg leaves what it made of a damaged file behind: here it is
 * removed before the failure is told.
 */
export async function decryptGpg(from: string, to: string, gpg: string, io: Io): Promise<void> {
  await child([...GPG, '--decrypt', '--output', to, '--', from], passphrase(gpg, io), to, io)
}

async function child(argv: string[], stdin: string | undefined, to: string, io: Io): Promise<void> {
  if (await exists(to)) throw new StepFailed('encrypt', `${to} exists already and is left as it is`)
  try {
    await execute({
      argv,
      ...(stdin === undefined ? {} : { stdin }),
      env: { [RUN_VARIABLE]: io.run },
      idleMs: IDLE_MS,
      timeoutMs: TIMEOUT_MS,
      signal: io.signal,
      onChild: io.child,
    })
  } catch (error) {
    await rm(to, { force: true })
    throw error
  }
}

/** Reads an encrypted archive back as far as its key allows: gpg's with the passphrase; age's only its recipients can open. */
export async function provesBack(
  file: string,
  encrypt: Encrypt,
  plain: { scratch: string; sha256: string },
  io: Io,
): Promise<void> {
  if (!('gpg' in encrypt)) return
  try {
    await decryptGpg(file, plain.scratch, encrypt.gpg, io)
    if ((await sha256File(plain.scratch, undefined, io.signal)) !== plain.sha256)
      throw new StepFailed('encrypt', `${file} does not decrypt to what was encrypted`)
  } finally {
    await rm(plain.scratch, { force: true })
  }
}

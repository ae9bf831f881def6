import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UserError } from '../../core/failure.ts'
import { bootId, processStarted } from '../identity.ts'

/** Process numbers mean something within one boot and one container only, and the folder may be shared. */
const prefix = () => `knowngood-pgpass-${createHash('sha256').update(bootId()).digest('hex').slice(0, 8)}-`

/** Does the work with a password file (0600, in a folder of its own, 0700) that is gone afterwards; without a password, with none. */
export async function withPassfile<T>(
  password: string | null,
  work: (env: Record<string, string>) => Promise<T>,
): Promise<T> {
  if (password === null) return await work({})
  if (/[\r\n\0]/.test(password))
    throw new UserError('The password of the database cannot be handed over', 'it holds a line break', [
      'Give the role another password.',
    ])
  // The runtime directory is memory, and the user's alone.
  const runtime = process.env['XDG_RUNTIME_DIR'] ?? ''
  const base = runtime !== '' && existsSync(runtime) ? runtime : tmpdir()
  await sweep(base)
  const folder = await mkdtemp(join(base, `${prefix()}${process.pid}-`))
  const file = join(folder, 'pgpass')
  try {
    await writeFile(file, `*:*:*:*:${password.replace(/[\\:]/g, String.raw`\$&`)}\n`, { mode: 0o600, flag: 'wx' })
    return await work({ PGPASSFILE: file })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Removes those of processes that were killed before they could. */
async function sweep(base: string): Promise<void> {
  const own = prefix()
  for (const name of await readdir(base).catch(() => [])) {
    const pid = name.startsWith(own) ? Number.parseInt(name.slice(own.length), 10) : Number.NaN
    if (Number.isNaN(pid) || processStarted(pid) !== null) continue
    await rm(join(base, name), { recursive: true, force: true }).catch(() => undefined)
  }
}

import { constants } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import { UserError } from '../core/failure.ts'

/** Far more than any project says; a file beyond it is a mistake or an attack. */
const MOST_BYTES = 256 * 1024

/** The file's text; null when there is none. Refuses folders, pipes, huge files and what is not UTF-8. */
export async function readConfigText(path: string): Promise<string | null> {
  // Not blocking, so that a pipe under this name cannot hang the program.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw refused(
      error.code === 'EACCES' ? 'you may not read it' : `it could not be opened (${error.code ?? error.message})`,
    )
  })
  if (handle === null) {
    if ((await lstat(path).catch(() => null)) === null) return null
    throw refused('it is a link to nothing')
  }
  try {
    const found = await handle.stat()
    if (!found.isFile()) throw refused('it is not a file')
    if (found.size > MOST_BYTES) throw refused(`it is larger than ${MOST_BYTES / 1024} KB`)
    const bytes = await handle.readFile()
    if (bytes.includes(0)) throw refused('it holds NUL bytes, so it is not text')
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    if (error instanceof TypeError) throw refused('it is not UTF-8; save it as UTF-8')
    throw error
  } finally {
    await handle.close()
  }
}

function refused(why: string): UserError {
  return new UserError('knowngood.yaml cannot be read', why, ['knowngood docs configuration shows what belongs there.'])
}

import { constants, existsSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import { messageOf } from '../core/failure.ts'

/** Why a program cannot be started from this folder; null when it can. Nothing is run to find out. */
export async function missingProgram(program: string, folder: string): Promise<string | null> {
  const places = program.includes('/')
    ? [resolve(folder, program)]
    : (process.env['PATH'] ?? '').split(delimiter).map((place) => join(place, program))
  for (const place of places) {
    const fits = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (fits) return null
  }
  return program.includes('/') ? `${program} is not there or may not be executed` : `${program} is not on PATH`
}

/** Why a child has no exit code, in words: it was not found, may not be run, or was ended by a signal. */
export function whyNotRun(
  file: string,
  result: { code?: unknown; signal?: unknown; cause?: unknown },
  cwd = '.',
): string {
  // Then it is a script whose interpreter is missing: with Windows line ends, its name ends in a carriage return.
  if (result.code === 'ENOENT' && /[/\\]/.test(file) && existsSync(resolve(cwd, file)))
    return `${file} is there, but the program its first line names is not: see that line, and its line ends (LF)`
  if (result.code === 'ENOENT') return `${file} was not found; is it installed and on PATH?`
  if (result.code === 'EACCES') return `${file} may not be executed`
  if (result.signal !== undefined) return `${file} was ended by ${String(result.signal)}`
  return `${file} could not be run: ${messageOf(result.cause)}`
}

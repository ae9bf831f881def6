import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'

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

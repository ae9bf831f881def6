import { resolve } from 'node:path'
import { UserError } from '../core/failure.ts'
import { clean } from '../core/text.ts'
import type { RunResult } from '../run/execute.ts'

/** A folder; or the variable that holds a URL. A URL itself has no business among a command's words: everybody can read those. */
export function placeOf(cwd: string, to: string): { dir: string | null; urlFrom: string | null } {
  if (to.includes('://'))
    throw new UserError(
      '--to takes no URL itself',
      'its password would be in the list of processes and in your history',
      ["Put it into a variable and name that: --to '$RESTORE_URL'"],
    )
  if (!to.startsWith('$')) return { dir: resolve(cwd, to), urlFrom: null }
  if (!/^\$[A-Za-z_]\w*$/.test(to))
    throw new UserError(`--to does not understand ${clean(to)}`, 'it is a folder, or $ and the name of a variable', [
      "--to out, or --to '$RESTORE_URL'",
    ])
  return { dir: null, urlFrom: to.slice(1) }
}

/** Where each source's part stands now, as its restore said: a path, a database, the names of images. */
export function besidePlaces({ gives }: Pick<RunResult, 'gives'>): [string, string][] {
  return Object.entries(gives).flatMap(([step, { place }]): [string, string][] => {
    const name = /^beside\.(.+)$/.exec(step)?.[1]
    const said = (Array.isArray(place) ? place : [place]).flatMap((one: unknown) =>
      typeof one === 'string'
        ? [one]
        : typeof one === 'object' && one !== null && 'from' in one
          ? [String(one.from)]
          : [],
    )
    return name === undefined || said.length === 0 ? [] : [[name, clean(said.join(', '))]]
  })
}

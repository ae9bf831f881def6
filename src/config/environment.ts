import { UserError } from '../core/failure.ts'

/** What the environment decides before the file does. */
export type Overrides = {
  project?: string
  environment?: string
  remote?: string
  branch?: string
  /** How many release backups are kept: the teams' own `RELEASE_BACKUP_RETENTION_COUNT`. */
  keepReleases?: number
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const REF = /^(?!.*(?:\.\.|@\{|\/\/|\/\.))[A-Za-z0-9_][^\s~^:?*[\\\p{Cc}]{0,199}(?<![/.])$/u

/** The variables, for the reference. */
export const VARIABLES = [
  { name: 'KNOWNGOOD_PROJECT', key: 'project', is: NAME },
  { name: 'KNOWNGOOD_ENVIRONMENT', key: 'environment', is: NAME },
  { name: 'KNOWNGOOD_REMOTE', key: 'remote', is: REF },
  { name: 'KNOWNGOOD_BRANCH', key: 'branch', is: REF },
] as const

/** Read as the teams' own scripts read it. */
const RETENTION = 'RELEASE_BACKUP_RETENTION_COUNT'

/** Reads them; a blank one counts as not set, but for the retention, where it is refused. Throws a UserError that names the variable, never its value. */
export function overrides(env: NodeJS.ProcessEnv): Overrides {
  const found: Overrides = {}
  const wrong: string[] = []
  const keep = env[RETENTION]
  if (keep !== undefined) {
    // Set and blank is refused like any other count that would keep nothing.
    if (/^[1-9]\d{0,4}$/.test(keep.trim())) found.keepReleases = Number(keep)
    else wrong.push(`${RETENTION}: set it to a whole number of at least 1, or unset it.`)
  }
  for (const { name, key, is } of VARIABLES) {
    const value = env[name]?.trim() ?? ''
    if (value === '') continue
    if (is.test(value)) found[key] = value
    else wrong.push(`${name}: set it to the name of ${key === 'project' ? 'the project' : `the ${key}`}, or unset it.`)
  }
  if (wrong.length === 0) return found
  throw new UserError('The environment holds a setting that cannot be used', 'it would win over knowngood.yaml', wrong)
}

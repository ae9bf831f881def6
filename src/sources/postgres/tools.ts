import { held, StepFailed } from '../../core/failure.ts'
import { clean } from '../../core/text.ts'
import { execute } from '../../world/exec.ts'
import { formOf } from './read-dump.ts'

const TOOLS = ['psql', 'pg_dump', 'pg_restore'] as const

export type Tool = { name: string; major: number | null; says: string }

/** Which of PostgreSQL's own programs are there, and of which version; `major` is null when one is not. */
export async function lookAtTools(signal?: AbortSignal): Promise<Tool[]> {
  return Promise.all(
    TOOLS.map(async (name) => {
      try {
        const { out } = await execute({ argv: [name, '--version'], idleMs: 10_000, timeoutMs: 10_000, signal })
        const [, version = '', major = ''] = /\(PostgreSQL\) ((\d+)\S*)/.exec(out.join(' ')) ?? []
        if (major === '') return { name, major: null, says: `${name} does not say which version it is` }
        return { name, major: Number(major), says: `${name} ${version}` }
      } catch (error) {
        return { name, major: null, says: error instanceof StepFailed ? error.message : `${name} cannot be run` }
      }
    }),
  )
}

/** What keeps these tools from a server of this version, in words; null when nothing does. */
export function flawOf(tools: readonly Tool[], server: number | null): string | null {
  const missing = tools.find(({ major }) => major === null)
  if (missing !== undefined) return missing.says
  const older = tools.find(({ major }) => server !== null && (major ?? 0) < server)
  return older === undefined ? null : `${older.says} is older than the server, which is ${server}`
}

/** From 17 on dumps set `transaction_timeout`, which an older server stops at. Null when that is no matter. */
export function tooNewFor(tools: readonly Tool[], server: number): string | null {
  const newer = tools.find(({ name, major }) => name === 'pg_restore' && (major ?? 0) >= 17 && server < 17)
  return newer === undefined ? null : `${newer.says} cannot restore into a server of version ${server}`
}

/** Throws a hold unless the tools are there and can fill a database of this server. */
export async function mustRestoreInto(server: number, signal: AbortSignal): Promise<void> {
  const tools = await lookAtTools(signal)
  const flaw = flawOf(tools, null) ?? tooNewFor(tools, server)
  if (flaw !== null) throw held('PostgreSQL cannot be restored from here', flaw, [installLine(server)])
}

/** Installs what is missing or too old, in one line. */
export function installLine(server: number | null): string {
  return `Install the client of PostgreSQL ${server ?? 'the server has'}, such as: apt-get install postgresql-client${server === null ? '' : `-${server}`}`
}

/** Throws a hold unless every tool is there and none is older than the server. */
export async function mustHaveTools(server: number, signal: AbortSignal): Promise<void> {
  const flaw = flawOf(await lookAtTools(signal), server)
  if (flaw !== null) throw held('PostgreSQL cannot be dumped from here', flaw, [installLine(server)])
}

/** From which minor version on psql can be told to take no commands from a dump. */
const RESTRICTS: Readonly<Record<number, number>> = { 13: 22, 14: 19, 15: 14, 16: 10, 17: 6 }

/** Throws a hold when psql stops at the first line of such a dump; an archive is put in by pg_restore, which does not care. */
export async function mustTakeMarks(file: string, restricted: boolean, signal: AbortSignal): Promise<void> {
  if (!restricted || ['archive', 'tar'].includes(await formOf(file)) || (await canRestrict(signal))) return
  const psql = (await lookAtTools(signal)).find(({ name }) => name === 'psql')
  const least = Object.entries(RESTRICTS).map(([major, minor]) => `${major}.${minor}`)
  throw held(
    `${clean(file)} cannot be restored from here`,
    `a newer pg_dump has made it: it begins with \\restrict, which ${psql?.says ?? 'this psql'} does not know`,
    [`Update the client of PostgreSQL: it knows the command from ${least.join(', ')} and 18 on.`],
  )
}

/** Whether this psql knows `\restrict`. */
export async function canRestrict(signal: AbortSignal): Promise<boolean> {
  const psql = (await lookAtTools(signal)).find(({ name }) => name === 'psql')
  const [, major = '', minor = ''] = /psql (\d+)\.(\d+)/.exec(psql?.says ?? '') ?? []
  return Number(major) > 17 || Number(minor) >= (RESTRICTS[Number(major)] ?? Number.POSITIVE_INFINITY)
}

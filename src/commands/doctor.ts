import { findRoot, loadProject } from '../config/load.ts'
import { EXIT, messageOf, UserError } from '../core/failure.ts'
import type { Check } from '../core/plug-in.ts'
import type { Project } from '../core/project.ts'
import { clean } from '../core/text.ts'
import { table } from '../report/table.ts'
import { openGit } from '../world/git.ts'
import type { RunCommand } from './command.ts'
import { checkIgnored, checkRemote, checkRepository } from './doctor-git.ts'
import { checkDisk, checkDrive, checkKept } from './doctor-backups.ts'
import { checkRecords } from './doctor-records.ts'
import { checkScripts } from './doctor-scripts.ts'
import { bad, checkPrograms, checkTools, good } from './doctor-machine.ts'
import { checkAudit, checkFolders, checkPlaces, checkPlugIns, checkProduction } from './doctor-project.ts'

const GLYPHS = { true: '✓', false: '✗', unknown: '!' } as const

/** `knowngood doctor`: every line with its fix; exit 3 when one does not hold. Changes nothing. */
export const run: RunCommand = async (context) => {
  const root = await findRoot(context.cwd)
  const checks = await loadProject(root).then(
    (project) => doctor(project, context.signal),
    (error: unknown) => brokenConfig(root, error),
  )
  const wrong = checks.filter((check) => check.ok === false).length
  const unknown = checks.filter((check) => check.ok === 'unknown').length
  const lines = [...doctorLines(checks), '', verdict(wrong, unknown)]
  return { exit: wrong === 0 ? EXIT.done : EXIT.held, data: { healthy: wrong === 0, checks }, lines }
}

/** Everything this project needs, looked at together; a look that fails is itself a line. */
export async function doctor(project: Project, signal: AbortSignal): Promise<Check[]> {
  const git = openGit(project.root)
  const config =
    project.file === null
      ? { id: 'config', ok: 'unknown' as const, says: 'no knowngood.yaml: defaults apply', fix: 'knowngood init' }
      : good('config', 'knowngood.yaml is valid')
  const looks: [string, () => Promise<Check[]>][] = [
    ['tools', () => checkTools(git)],
    ['config', async () => [config]],
    ['repository', () => checkRepository(project, git)],
    ['remote', () => checkRemote(project, git, signal)],
    ['ignored', () => checkIgnored(git)],
    ['folders', () => checkFolders(project)],
    ['disk', () => checkDisk(project)],
    ['kept', () => checkKept(project)],
    ['data', () => checkDrive(project)],
    ['programs', () => checkPrograms(project)],
    ['places', () => checkPlaces(project)],
    ['plug-ins', () => checkPlugIns(project, signal)],
    ['records', () => checkRecords(project, signal)],
    ['verify', () => checkProduction(project, signal)],
    ['audit', () => checkAudit(project)],
    ['scripts', () => checkScripts(project.root)],
  ]
  const all = await Promise.all(
    looks.map(([id, look]) =>
      look().catch((error: unknown): Check[] => [
        { id, ok: 'unknown', says: `could not be looked at: ${clean(messageOf(error))}`, fix: '' },
      ]),
    ),
  )
  return all.flat()
}

async function brokenConfig(root: string, error: unknown): Promise<Check[]> {
  if (!(error instanceof UserError)) throw error
  const problems = error.next.slice(0, -1).map((line) => bad('config', clean(line), error.next.at(-1) ?? ''))
  const config = problems.length > 0 ? problems : [bad('config', clean(error.message), error.next[0] ?? '')]
  return [...(await checkTools(openGit(root))), ...config]
}

function doctorLines(checks: readonly Check[]): string[] {
  const rows = checks.map((check) => [` ${GLYPHS[`${check.ok}`]}`, check.id, check.says])
  return table(rows, [], 200).flatMap((line, index) => {
    const check = checks[index]
    return check === undefined || check.fix === '' || check.ok === true ? [line] : [line, `      ${clean(check.fix)}`]
  })
}

function verdict(wrong: number, unknown: number): string {
  const rest = unknown === 0 ? '' : `, ${unknown} to look at yourself`
  return wrong === 0 ? `Nothing is wrong${rest}.` : `${wrong} ${wrong === 1 ? 'thing' : 'things'} to mend${rest}.`
}

import { plainProject } from '../config/fill.ts'
import { readGiven } from '../config/given.ts'
import { isOwnSource } from '../config/own-source-path.ts'
import { EXIT, messageOf, UserError } from '../core/failure.ts'
import { movedState, moveState, statePaths } from '../core/paths.ts'
import type { Project } from '../core/project.ts'
import { clean } from '../core/text.ts'
import { projectOfBaseline } from '../records/baseline-project.ts'
import { temporaryFolder } from '../world/files.ts'
import { takesBytes, takesLines } from '../world/permissions.ts'
import type { Context } from './context.ts'

/** `problem` is what is wrong with the project's own configuration, `from` the baseline whose own is used for it; null for neither. */
export type Survived = { project: Project; problem: UserError | null; from: string | null }

/**
 * The project as its own configuration has it; where that is broken or gone, as the baseline carries it (`baseline` null:
 * the newest that does); where none does, as a repository without a configuration. Throws outside of a repository.
 */
export async function survivingProject(
  context: Pick<Context, 'cwd' | 'project'>,
  baseline: string | null,
): Promise<Survived> {
  const own = await context.project().catch(brokenOnly)
  if (!(own instanceof UserError) && own.file !== null) return { project: own, problem: null, from: null }
  const { findRoot } = await import('../config/load.ts')
  const root = own instanceof UserError ? await findRoot(context.cwd) : own.root
  const found = await projectOfBaseline(root, baseline)
  if (found !== null && (own instanceof UserError || configured(found.project, own))) {
    await ownSources(found.project)
    return { ...found, problem: own instanceof UserError ? own : gone(found.from) }
  }
  return own instanceof UserError
    ? { project: plainProject(await readGiven(root)), problem: own, from: null }
    : { project: own, problem: null, from: null }
}

/** The context of that project, for what must go on without its configuration. */
export function survivedContext(context: Context, { project }: Survived): Context {
  const facts: Context['facts'] = async (asked = {}) => (await import('../facts/observe.ts')).observe(project, asked)
  return { ...context, project: async () => project, facts }
}

/** A baseline made without a configuration carries the defaults: nothing is missing then. */
function configured(carried: Project, plain: Project): boolean {
  const said = ({ sources, services, deploy, verify, build }: Project) =>
    JSON.stringify([sources, services, deploy.targets, verify.checks, build])
  return said(carried) !== said(plain)
}

function gone(from: string): UserError {
  return new UserError(GONE, '', [
    `It was there when ${from} was made: git log -- knowngood.yaml shows where it went.`,
    'git checkout HEAD -- knowngood.yaml brings a committed one back; knowngood init writes a new one.',
  ])
}

const GONE = 'There is no knowngood.yaml'

function brokenOnly(error: unknown): UserError {
  if (error instanceof UserError && error.exit === EXIT.usage) return error
  throw error
}

/** One that cannot be loaded is a source that is not put back, and said so; the others are. */
async function ownSources(project: Project): Promise<void> {
  if (!Object.values(project.sources).some(({ use }) => isOwnSource(use))) return
  const { loadOwnSources } = await import('../config/own-sources.ts')
  await loadOwnSources(project).catch(messageOf)
}

/** That sentence for whoever breaks glass by what a baseline carries; null where nothing is wrong. */
export function carriedSays({ from, problem }: Survived): string | null {
  if (problem === null || from === null) return null
  return `${clean(problem.what)}; the configuration that ${from} carries is used`
}

/** Moves this process's state to a temporary folder where its own cannot be written: that folder, or null where it can. What was moved before stays there. */
export async function stateElsewhere({ root }: Pick<Project, 'root'>): Promise<string | null> {
  if (await takesBytes(statePaths(root).home)) return movedState(root)
  const elsewhere = await temporaryFolder('knowngood-state-')
  moveState(root, elsewhere)
  return elsewhere
}

/** What is said of a state folder that takes nothing, before this process's state is moved. */
export async function stateWarnings({ root }: Pick<Project, 'root'>): Promise<string[]> {
  const { home } = statePaths(root)
  const says = `${home} cannot be written: the journal of this run is kept in a temporary folder.`
  return (await takesBytes(home)) ? [] : [says]
}

/** What is said of an audit log that takes no lines. */
export async function auditWarnings({ root }: Pick<Project, 'root'>): Promise<string[]> {
  const { auditLog } = statePaths(root)
  return (await takesLines(auditLog)) ? [] : [`${auditLog} cannot be written: this restore leaves no line there.`]
}

import { delimiter, isAbsolute, join, resolve } from 'node:path'
import type { Check } from '../core/plug-in.ts'
import type { Project } from '../core/project.ts'
import type { Git } from '../world/git.ts'
import { programAt } from '../world/permissions.ts'

/** A line that holds. */
export function good(id: string, says: string): Check {
  return { id, ok: true, says, fix: '' }
}

/** A line that does not hold, with what mends it. */
export function bad(id: string, says: string, fix: string): Check {
  return { id, ok: false, says, fix }
}

/** Node and git, old enough for what is asked of them. */
export async function checkTools(git: Git): Promise<Check[]> {
  const node = process.versions.node
  const nodeOk = newEnough(node, [22, 15])
  const said = (await git.raw(['version'])).trim()
  const version = /\d+\.\d+(?:\.\d+)?/.exec(said)?.[0] ?? '0.0'
  const gitOk = newEnough(version, [2, 30])
  return [
    nodeOk ? good('node', `Node ${node}`) : bad('node', `Node ${node} is too old`, 'Install Node 22.15 or newer.'),
    gitOk ? good('git', `git ${version}`) : bad('git', `git ${version} is too old`, 'Install git 2.30 or newer.'),
  ]
}

function newEnough(version: string, [major, minor]: readonly [number, number]): boolean {
  const [a = 0, b = 0] = version.split('.').map(Number)
  return a > major || (a === major && b >= minor)
}

/** Every program the configuration starts can be found and may be executed. */
export async function checkPrograms(project: Project, path = process.env['PATH'] ?? ''): Promise<Check[]> {
  const named = [
    ...project.gate.checks.map((check) => ({ key: `gate.checks ${check.id}`, run: check.run })),
    ...project.build.run.map((run) => ({ key: 'build.run', run })),
    ...project.deploy.migrate.map((run) => ({ key: 'deploy.migrate', run })),
    ...project.verify.checks.flatMap((check) =>
      check.kind === 'run' ? [{ key: 'verify.checks', run: check.run }] : [],
    ),
    ...project.services.flatMap((one) =>
      [one.stop, one.start, one.status].map((run) => ({ key: 'services', run: run ?? [] })),
    ),
    ...project.emergency.smoke.map((run) => ({ key: 'emergency.smoke', run })),
    ...[project.drills.spot, project.drills.full].flatMap(({ smoke }) =>
      // A program with a path is looked for in the scratch place, which is not there yet.
      smoke.flatMap((run) => (run[0]?.includes('/') === true ? [] : [{ key: 'drills.smoke', run }])),
    ),
  ].filter(({ run }) => run.length > 0)
  const checks = named.map(async ({ key, run }) => {
    const program = run[0] ?? ''
    const problem = await findProgram(project.root, program, path)
    const id = `program.${program}`
    return problem === null
      ? good(id, `${program} is there, for ${key}`)
      : bad(id, `${program} ${problem}, and ${key} starts it`, fixFor(program, problem))
  })
  const all = await Promise.all(checks)
  return all.filter((check, index) => all.findIndex((other) => other.id === check.id) === index)
}

function fixFor(program: string, problem: string): string {
  if (problem === 'is not executable') return `chmod +x ${program}`
  return program.includes('/')
    ? `Add ${program}, or correct its path in knowngood.yaml.`
    : `Install ${program}, or correct its name in knowngood.yaml.`
}

async function findProgram(root: string, program: string, path: string): Promise<string | null> {
  const places = program.includes('/')
    ? [resolve(root, program)]
    : path
        .split(delimiter)
        .filter(isAbsolute)
        .map((folder) => join(folder, program))
  const found = await Promise.all(places.map(programAt))
  if (found.includes('ready')) return null
  if (found.includes('forbidden')) return 'is not executable'
  return program.includes('/') ? 'is not in the repository' : 'is not on the PATH'
}

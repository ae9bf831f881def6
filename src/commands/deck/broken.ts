import { join } from 'node:path'
import { loadProject } from '../../config/load.ts'
import { readConfigText } from '../../config/read-text.ts'
import type { BrokenConfig, Deck, DeckRequest } from '../../core/deck.ts'
import { UserError } from '../../core/failure.ts'
import type { Plan } from '../../core/plan.ts'
import type { Project } from '../../core/project.ts'
import { projectOfBaseline } from '../../records/baseline-project.ts'
import { mask } from '../../world/secrets.ts'
import { carriedSays, type Survived } from '../surviving.ts'

/** Lines of the file that are shown around one that is wrong. */
const AROUND = 2

/** The deck of a project whose configuration cannot be used: it reads, and it breaks glass by what a baseline carries. */
export function brokenDeck(
  deck: Deck,
  survived: Survived & { problem: UserError },
  planned: (project: Project, request: DeckRequest) => Promise<Plan>,
): Deck {
  const { problem, project, from } = survived
  const refuse = (): Promise<never> =>
    Promise.reject(
      new UserError('Nothing is planned by a configuration that is broken', problem.what, [
        'Mend it first; ctrl-g breaks glass without it.',
      ]),
    )
  return {
    ...deck,
    broken: brokenConfig(problem, project.root, from),
    // What `prod` and the other kinds are kept for is not known just now.
    freshMs: () => null,
    async plan(request) {
      if (request.op !== 'emergency' && !('undo' in request)) return await refuse()
      const chosen = request.op === 'emergency' ? await projectOfBaseline(project.root, request.baseline) : null
      const plan = await planned(chosen?.project ?? project, request)
      const says = carriedSays({ ...survived, from: chosen?.from ?? from })
      return says === null ? plan : { ...plan, warnings: [says, ...plan.warnings] }
    },
    confirmDoubts: refuse,
    gate: { runChecks: refuse, confirm: refuse, fail: refuse, waive: refuse },
    commands: () => [],
  }
}

function brokenConfig(problem: UserError, root: string, from: string | null): BrokenConfig {
  const placed = problem.next.filter((text) => lineOf(text) !== null)
  const more = problem.why === '' ? [] : [problem.why]
  return {
    what: problem.what,
    problems: [...more, ...placed],
    next: problem.next.filter((text) => lineOf(text) === null),
    from,
    lines: () => linesAround(join(root, 'knowngood.yaml'), problem),
    mended: () =>
      loadProject(root).then(
        ({ file }) => file !== null,
        () => false,
      ),
  }
}

/** Every problem, each with the lines of the file around it. */
async function linesAround(file: string, problem: UserError): Promise<string[]> {
  const text = await readConfigText(file).catch(() => null)
  const lines = (text ?? '').split('\n')
  const shown = (at: number, wrong: number) =>
    at < 1 || at > lines.length
      ? []
      : [`${at === wrong ? '▸' : ' '} ${String(at).padStart(4)}  ${mask(lines[at - 1] ?? '')}`]
  const about = problem.next.flatMap((says) => {
    const wrong = lineOf(says)
    if (wrong === null || text === null) return [says, '']
    const around = Array.from({ length: 2 * AROUND + 1 }, (_, index) => wrong - AROUND + index)
    return [says, ...around.flatMap((at) => shown(at, wrong)), '']
  })
  return [problem.message, '', ...about]
}

function lineOf(text: string): number | null {
  const found = /^line (\d+): /.exec(text)?.[1]
  return found === undefined ? null : Number(found)
}

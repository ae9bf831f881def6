import { age } from '../core/age.ts'
import { EXIT } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'
import { unknown } from '../core/known.ts'
import type { Project } from '../core/project.ts'
import { clean } from '../core/text.ts'
import { mirrorOf } from '../mirrors/registry.ts'
import { belowOf, planMirrorCheck, planMirrorPush, type SeenMirror } from '../plans/mirror.ts'
import { table } from '../report/table.ts'
import type { RunResult } from '../run/execute.ts'
import type { Report, RunCommand } from './command.ts'
import type { Context } from './context.ts'
import { decide } from './decide.ts'
import { operate } from './operate.ts'

/** `knowngood mirror [push|check]`: how far behind the off-site copies are; copy what they lack; read all of them back. */
export const run: RunCommand = async (context, [verb], options) => {
  const project = await context.project()
  if (verb === undefined) return await list(context, project)
  const [facts, seen] = await Promise.all([context.facts({ only: ['backups'] }), look(context, project)])
  const decided = await decide(context, project, 'mirror')
  const plan =
    verb === 'check' ? planMirrorCheck(project, seen, decided) : planMirrorPush(project, facts, seen, decided)
  return await operate(context, plan, options, (result) => told(verb, result, plan.steps.length))
}

async function look(context: Context, project: Project): Promise<SeenMirror[]> {
  const place = { root: project.root, git: project.git, signal: context.signal, below: belowOf(project) }
  return Promise.all(
    project.mirrors.map(async ({ use, to, options }) => {
      const mirror = mirrorOf(use)
      const at = context.now().toISOString()
      if (mirror === undefined)
        return { to, seen: unknown(`there is no mirror ${use}`, 'knowngood docs configuration', at) }
      return { to, seen: await mirror.observe(mirror.options.parse(options), place) }
    }),
  )
}

function told(verb: string, result: RunResult, steps: number): { data: JsonRecord; lines: string[] } {
  const count = (part: string) => Object.keys(result.gives).filter((id) => id.includes(`.${part}.`)).length
  const data = { copied: count('put'), checked: count('check'), removed: count('drop') }
  if (steps === 0) return { data, lines: ['Every mirror holds what it should.'] }
  return verb === 'check'
    ? { data, lines: [`${data.checked} copies read back, byte for byte.`] }
    : { data, lines: [`${data.copied} copied and read back, ${data.removed} older copies removed.`] }
}

async function list(context: Context, project: Project): Promise<Report> {
  const { mirrors } = await context.facts({ only: ['backups'] })
  const lines = table(
    mirrors.map(({ to, lacks, holds, lastAt, stale }) => [
      clean(to),
      `holds ${holds}`,
      lacks.length === 0 ? 'up to date' : `lacks ${lacks.length}${stale ? ', stale' : ''}`,
      lastAt === null ? 'never written' : age(lastAt, context.now()),
    ]),
  )
  const data = { mirrors: mirrors as unknown as readonly JsonRecord[], project: project.project }
  return { exit: EXIT.done, data, lines: lines.length > 0 ? lines : ['No mirror is configured.'] }
}

import { EXIT, UserError } from '../core/failure.ts'
import type { Project } from '../core/project.ts'
import { planVerify } from '../plans/verify.ts'
import { freezeWhole } from '../world/immutable.ts'
import { makeBackup } from './backup.ts'
import type { Report, RunCommand } from './command.ts'
import { textOption } from './command.ts'
import type { Context } from './context.ts'
import { decide } from './decide.ts'
import { operate } from './operate.ts'

/**
 * `knowngood baseline create NAME`: a frozen set that is never modified and never pruned. It is put back into a scratch
 * place and counted at once: until that went well it stands, and is not called immaculate.
 */
export const run: RunCommand = async (context, [name = ''], options) => {
  const images = textOption(options, 'images')
  const made = await makeBackup(context, 'baseline', { name }, options, (project) => adopting(project, images))
  if (made.exit !== EXIT.done || context.dryRun) return made
  const id = String(made.data['backupId'])
  const proof = await restored(context, id)
  if (proof.exit !== EXIT.done) {
    const lines = [...made.lines, ...proof.lines, `${id} stands, and is not immaculate: it could not be put back.`]
    return { exit: proof.exit, data: { ...made.data, immaculate: false }, lines }
  }
  const frozen = options['immutable'] === true ? await freezeWhole(String(made.data['path']), context.cwd) : null
  const lines = [...made.lines, `${id} is immaculate: put back into a scratch place and counted.`]
  return {
    exit: EXIT.done,
    data: { ...made.data, immaculate: true },
    lines: frozen === null ? lines : [...lines, frozen],
  }
}

async function restored(context: Context, id: string): Promise<Report> {
  const project = await context.project()
  const facts = await context.facts({ remote: true, only: ['backups', 'sources', 'runs', 'lock'] })
  const plan = planVerify(project, facts, { ids: [id], rung: 'restored' }, await decide(context, project, 'verify'))
  return await operate(context, plan, {}, () => ({ data: {}, lines: [] }))
}

/** Saves the images a pattern such as `*:immaculate-empty` names, under the names that run: an older baseline taken over. */
function adopting(project: Project, pattern: string | null): Project {
  if (pattern === null) return project
  const tag = /^\*:([A-Za-z0-9_][\w.-]{0,127})$/.exec(pattern)?.[1]
  const entries = Object.entries(project.sources)
  if (tag === undefined) {
    throw new UserError(`--images does not understand "${pattern}"`, 'it names the tag that existing images carry', [
      "Write it as --images '*:immaculate-empty'.",
    ])
  }
  if (!entries.some(([, { use }]) => use === 'docker')) {
    throw new UserError('--images needs a docker source', 'it says which images there are', [
      'Name them in knowngood.yaml: sources: { images: { use: docker, images: [mosaic-api] } }',
    ])
  }
  const sources = entries.map(([key, source]) => [key, source.use === 'docker' ? { ...source, tag } : source] as const)
  return { ...project, sources: Object.fromEntries(sources) }
}

import type { JsonRecord } from '../core/json.ts'
import { clean } from '../core/text.ts'
import { planPublish } from '../plans/publish.ts'
import type { RunResult } from '../run/execute.ts'
import type { RunCommand } from './command.ts'
import { decide } from './decide.ts'
import { gitHubGiven } from './github-given.ts'
import { operate } from './operate.ts'

/** `knowngood publish TAG`: the bundle of that version as a GitHub Release; run again, it goes on where it was cut. */
export const run: RunCommand = async (context, [tag = ''], options) => {
  const [project, facts] = await Promise.all([context.project(), context.facts({ only: ['git', 'backups'] })])
  const request = { tag, recordUrl: options['recordUrl'] === true }
  const plan = planPublish(
    project,
    facts,
    request,
    gitHubGiven(project.github.token),
    await decide(context, project, 'publish'),
  )
  const report = await operate(context, plan, options, (result) => told(tag, request.recordUrl, result))
  if (!['halted', 'stopped'].includes(String(report.data['outcome']))) return report
  return { ...report, lines: [...report.lines, `What is there stays: knowngood publish ${tag} goes on from it.`] }
}

function told(tag: string, recordUrl: boolean, { gives }: RunResult): { data: JsonRecord; lines: string[] } {
  const url = String((recordUrl ? gives['look'] : gives['publish'])?.['url'])
  if (recordUrl)
    return {
      data: { tag, releaseUrl: url, assets: [] },
      lines: [`${clean(url)} is written into ${String(gives['record']?.['path'])}.`],
    }
  const assets = gives['check']?.['assets']
  const read = Array.isArray(assets) ? assets : []
  const kept = Object.values(gives).filter((one) => one['kept'] === true && one['name'] !== null).length
  const again = kept === 0 ? '' : `, ${kept === read.length ? 'all' : kept} of them there already`
  return {
    data: { tag, releaseUrl: url, assets: read, kept },
    lines: [
      `${tag} is published: ${clean(url)}`,
      `${read.length} ${read.length === 1 ? 'asset' : 'assets'} read back, byte for byte${again}.`,
    ],
  }
}

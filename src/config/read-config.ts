import { basename } from 'node:path'
import { UserError } from '../core/failure.ts'
import { configError, problemsOf, type Problem } from './problems.ts'
import { readConfigText, readYaml, type LineOf } from './read-yaml.ts'
import { fileShape } from './shape.ts'
import { configSchema, type Config } from './schema.ts'

/** Reads and checks the file, throwing a UserError with every problem. */
export async function readConfig(file: string): Promise<Config> {
  const text = await readConfigText(file)
  if (text === null)
    throw new UserError(`${basename(file)} cannot be read`, 'it is a link to nothing', [
      'Remove the link, or put the file there.',
    ])
  return await parseConfig(text, basename(file))
}

/** Checks the text of a configuration; `file` is how messages call it. */
export async function parseConfig(text: string, file = 'knowngood.yaml'): Promise<Config> {
  const { value, problems, lineOf } = readYaml(text)
  if (problems.length > 0) throw configError(file, problems)
  const checked = configSchema.safeParse(value, { reportInput: true })
  const found: Problem[] = checked.success ? [] : problemsOf(checked.error.issues, fileShape(), lineOf)
  if (checked.success) {
    found.push(...(await plugInsOf(checked.data, lineOf)))
    for (const twice of repeatedIds(checked.data)) {
      found.push({
        line: lineOf(twice),
        says: 'the id of this gate item is taken; each check and confirmation needs its own',
      })
    }
  }
  if (found.length > 0) throw configError(file, found)
  if (!checked.success) throw configError(file, [{ line: null, says: 'it could not be understood' }])
  return checked.data
}

function repeatedIds(config: Config): (string | number)[][] {
  const seen = new Set<string>()
  const items = [
    ...config.gate.checks.map((item, index) => ({ id: item.id, path: ['gate', 'checks', index] })),
    ...config.gate.confirmations.map((item, index) => ({ id: item.id, path: ['gate', 'confirmations', index] })),
  ]
  return items.filter(({ id }) => seen.has(id) || !seen.add(id)).map(({ path }) => path)
}

/** The plug-ins are loaded only for a file that names one. */
async function plugInsOf(config: Config, lineOf: LineOf): Promise<Problem[]> {
  if (Object.keys(config.sources).length === 0 && (config.deploy.targets ?? []).length === 0) return []
  const { plugInProblems } = await import('./plug-ins.ts')
  return plugInProblems(config, lineOf)
}

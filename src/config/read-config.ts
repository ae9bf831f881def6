import { basename } from 'node:path'
import { UserError } from '../core/failure.ts'
import { configError, problemsOf, type Problem } from './problems.ts'
import { readConfigText, readYaml } from './read-yaml.ts'
import { fileShape } from './shape.ts'
import { configSchema, type Config } from './schema.ts'

/** Reads and checks the file, throwing a UserError with every problem. */
export async function readConfig(file: string): Promise<Config> {
  const text = await readConfigText(file)
  if (text === null)
    throw new UserError(`${basename(file)} cannot be read`, 'it is a link to nothing', [
      'Remove the link, or put the file there.',
    ])
  return parseConfig(text, basename(file))
}

/** Checks the text of a configuration; `file` is how messages call it. */
export function parseConfig(text: string, file = 'knowngood.yaml'): Config {
  const { value, problems, lineOf } = readYaml(text)
  if (problems.length > 0) throw configError(file, problems)
  const checked = configSchema.safeParse(value, { reportInput: true })
  const found: Problem[] = checked.success ? [] : problemsOf(checked.error.issues, fileShape(), lineOf)
  if (checked.success) {
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

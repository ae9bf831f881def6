import { configError, problemsOf, type Problem } from './problems.ts'
import { readYaml, type LineOf } from './read-yaml.ts'
import { fileShape } from './shape.ts'
import { configSchema, type Config } from './schema.ts'

/** Checks the text of a configuration; `file` is how messages call it. */
export async function parseConfig(text: string, file = 'knowngood.yaml'): Promise<Config> {
  const { value, problems, lineOf } = readYaml(text)
  if (problems.length > 0) throw configError(file, problems)
  const checked = configSchema.safeParse(value, { reportInput: true })
  const found = [
    ...(checked.success ? [] : problemsOf(checked.error.issues, fileShape(), lineOf)),
    ...repeatedIds(value, lineOf),
    ...(await plugInsOf(value, lineOf)),
  ]
  if (checked.success && found.length === 0) return checked.data
  throw configError(file, found)
}

/** These looks take the file as it stands, so that their findings come with the schema's and not after them. */
function repeatedIds(value: unknown, lineOf: LineOf): Problem[] {
  const seen = new Set<unknown>()
  return ['checks', 'confirmations'].flatMap((list) =>
    items(at(value, 'gate', list)).flatMap((item, index): Problem[] => {
      const id = at(item, 'id')
      const taken = typeof id === 'string' && seen.has(id)
      seen.add(id)
      if (!taken) return []
      const says = `gate.${list}[${index}].id is taken; each check and confirmation needs its own`
      return [{ line: lineOf(['gate', list, index, 'id']), says }]
    }),
  )
}

/** The plug-ins are loaded only for a file that names one. */
async function plugInsOf(value: unknown, lineOf: LineOf): Promise<Problem[]> {
  const sources = Object.entries(record(at(value, 'sources'))).map(([name, entry]) => ({
    path: ['sources', name],
    entry,
  }))
  const targets = items(at(value, 'deploy', 'targets')).map((entry, index) => ({
    path: ['deploy', 'targets', index],
    entry,
  }))
  const mirrors = items(at(value, 'mirrors')).map((entry, index) => ({ path: ['mirrors', index], entry }))
  if (sources.length + targets.length + mirrors.length === 0) return []
  const { plugInProblems } = await import('./plug-ins.ts')
  return [
    ...plugInProblems('source', sources, lineOf),
    ...plugInProblems('target', targets, lineOf),
    ...plugInProblems('mirror', mirrors, lineOf),
  ]
}

function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (Object.hasOwn(record(inner), key) ? record(inner)[key] : undefined),
    value,
  )
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

function items(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

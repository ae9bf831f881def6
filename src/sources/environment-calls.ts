import { release, version } from 'node:os'
import type { Part } from '../core/backup.ts'
import { messageOf, StepFailed } from '../core/failure.ts'
import type { Json, JsonRecord } from '../core/json.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import { clean } from '../core/text.ts'
import { execute } from '../world/exec.ts'
import { readJson, readText, writeNew } from '../world/files.ts'
import { RUN_VARIABLE } from '../world/orphans.ts'
import { looksSecret, mask } from '../world/secrets.ts'
import { beginPart, captureCalls, finishPart } from './captured.ts'
import { pm2Processes } from '../world/pm2.ts'

/** Where a backup holds it, relative to its folder. */
export const ENVIRONMENT = 'environment.json'

const TOOLS = ['git', 'pg_dump', 'redis-cli', 'docker', 'sqlite3']
/** A version is said at once, or the tool hangs. */
const ASK_MS = 10_000

type Capture = { stage: string; name: string; variables: string[]; pm2: true | 'auto'; at: string; last: Part[] | null }

/** What the steps of the environment source name. */
export const environmentCalls = {
  'environment.capture': async ({ stage, name, variables, pm2, at }: Capture, io: Io) => {
    const [node, npm, processes, ...versions] = await Promise.all([
      versionOf('node', io),
      versionOf('npm', io),
      processesOf(pm2, io),
      ...TOOLS.map((tool) => versionOf(tool, io)),
    ])
    const found: JsonRecord = {
      schema: 1,
      at,
      node: node ?? process.version,
      npm,
      os: {
        platform: process.platform,
        arch: process.arch,
        release: release(),
        version: version(),
        name: await systemName(),
      },
      tools: Object.fromEntries(TOOLS.map((tool, index) => [tool, versions[index] ?? null])),
      pm2: processes.list,
      variables: Object.fromEntries(variables.map((variable) => [variable, valueOf(variable)])),
    }
    await writeNew(await beginPart(stage, ENVIRONMENT), `${JSON.stringify(found, null, 2)}\n`)
    const part = await finishPart(io, stage, ENVIRONMENT, { source: name, use: 'environment' })
    const leftOut = processes.because === null ? [] : [`the PM2 processes: ${processes.because}`]
    return { parts: [part], leftOut, doubts: [] }
  },
  'environment.captured': captureCalls.captured,
  'environment.uncapture': captureCalls.uncapture,

  'environment.readable': async ({ file }: { file: string }) => {
    const found = await readJson(file).catch(() => null)
    if (typeof found !== 'object' || found === null || !('schema' in found) || !('node' in found))
      throw new StepFailed('environment', `${file} is not the description of an environment`)
    return { counts: {} }
  },
} satisfies CallRegistry

/** The processes, or why they are not known. Where PM2 is asked for by name, not knowing is a failure. */
async function processesOf(pm2: true | 'auto', io: Io): Promise<{ list: Json; because: string | null }> {
  const env = { [RUN_VARIABLE]: io.run }
  try {
    const list = await pm2Processes({ signal: io.signal, env, onChild: io.child })
    if (list === null && pm2 === true)
      throw new StepFailed('pm2', 'PM2 is not running, and its processes were asked for')
    return { list, because: null }
  } catch (error) {
    if (pm2 === true || io.signal.aborted) throw error
    return { list: null, because: messageOf(error) }
  }
}

/** The first line that a tool says about its version; null where there is no such tool, or it does not say. */
async function versionOf(tool: string, io: Io): Promise<string | null> {
  const program = tool === 'docker' ? (process.env['DOCKER'] ?? tool) : tool
  const bounds = { idleMs: ASK_MS, timeoutMs: ASK_MS, signal: io.signal, env: { [RUN_VARIABLE]: io.run } }
  try {
    const { out } = await execute({ argv: [program, '--version'], ...bounds, onChild: io.child })
    return clean(out[0] ?? '').slice(0, 200) || null
  } catch (error) {
    if (io.signal.aborted) throw error
    return null
  }
}

/** Masked as every text is; a secret's name was refused when the configuration was read, and is again here. */
function valueOf(variable: string): string | null {
  const value = process.env[variable]
  if (value === undefined) return null
  return looksSecret(variable) ? '***' : mask(value)
}

async function systemName(): Promise<string | null> {
  const text = await readText('/etc/os-release').catch(() => null)
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(text ?? '')?.[1] ?? null
}

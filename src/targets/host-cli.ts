import { stripVTControlCharacters } from 'node:util'
import { messageOf, StepFailed } from '../core/failure.ts'
import type { Io } from '../core/plan.ts'
import { execute } from '../world/exec.ts'
import { cutLine, lineSplitter, tail } from '../world/lines.ts'
import { RUN_VARIABLE } from '../world/orphans.ts'
import { mask } from '../world/secrets.ts'

/** What a host's CLI is run with. */
export type Runs = Pick<Io, 'root' | 'run' | 'signal' | 'child' | 'line' | 'secret'>

/**
 * `env` may hold secrets, `argv` never. `told`: stdout goes to the run's output as it comes; else it is an answer, and kept from
 * it. `unasked` is what to add so that it does not ask.
 */
export type HostChild = {
  argv: string[]
  cwd: string
  env: Record<string, string>
  told: boolean
  unasked: string
  idleMs: number
  timeoutMs: number
}

const MOST_BYTES = 16_000_000
const SAID = 100
/** As prompts of Node's CLIs begin, and how a yes or no is asked for. */
const QUESTION = /^\s*\?\s+\S|[([]\s*y(?:es)?\s*\/\s*n(?:o)?\s*[)\]]\s*:?\s*$/i
/** What CLIs say that would ask and see that nobody is there. */
const REFUSES = /non-?interactive|\binteractive terminal|cannot prompt|requires confirmation/i

/** Runs a host's CLI and gives what it printed. One that asks is ended: nobody is there to answer. Throws StepFailed. */
export async function runHost(child: HostChild, io: Runs): Promise<string> {
  const asked = new AbortController()
  const chunks: Buffer[] = []
  const said = tail(SAID)
  let question = ''
  let bytes = 0
  const look = (line: string) => {
    const text = stripVTControlCharacters(line).trim()
    if (question !== '' || !QUESTION.test(text)) return
    question = mask(cutLine(text))
    asked.abort()
  }
  const out = lineSplitter((line) => {
    const text = cutLine(mask(line))
    said.push(text)
    if (child.told) io.line(text)
    look(text)
  }, look)
  try {
    await execute({
      argv: child.argv,
      cwd: child.cwd,
      env: { CI: '1', NO_COLOR: '1', ...child.env, [RUN_VARIABLE]: io.run },
      idleMs: child.idleMs,
      timeoutMs: child.timeoutMs,
      signal: AbortSignal.any([io.signal, asked.signal]),
      onChild: io.child,
      onData: async (chunk) => {
        bytes += chunk.length
        if (bytes > MOST_BYTES) throw new StepFailed('', `${child.argv[0]} printed more than it could have to say`)
        chunks.push(chunk)
        out.push(chunk)
      },
      onLine: (_, text) => {
        io.line(text)
        look(text)
      },
      onUnfinished: look,
    })
  } catch (error) {
    if (io.signal.aborted) throw error
    const name = child.argv.slice(0, 2).join(' ')
    const output = [...said.lines(), ...(error instanceof StepFailed ? error.output : [])]
    const refused = output.some((line) => REFUSES.test(line))
      ? `${messageOf(error)}: ${child.unasked}`
      : withReason(messageOf(error), output)
    const why =
      question === '' ? refused : `${name} asked "${question}", and nobody is there to answer: ${child.unasked}`
    throw new StepFailed(child.argv[0] ?? '', why, output)
  }
  out.end()
  return Buffer.concat(chunks).toString('utf8')
}

/** What it says is wrong, else its last words: an exit code alone tells nobody what to mend. */
function withReason(message: string, output: readonly string[]): string {
  if (!/ ended with code \d+$/.test(message)) return message
  const said = output.map((line) =>
    stripVTControlCharacters(line)
      .replace(/^[\s›»>✖×✘]+/, '')
      .trim(),
  )
  const why = said.find((line) => /^(?:fatal )?error\b/i.test(line)) ?? said.findLast((line) => /\p{L}/u.test(line))
  return why === undefined ? message : `${message}: ${why}`
}

/** The JSON a CLI printed, words before it left out. Throws StepFailed, never with what was printed: that may hold anything. */
export function jsonIn(printed: string, from: string): unknown {
  const text = stripVTControlCharacters(printed)
  for (const start of text.matchAll(/^[[{]/gm)) {
    try {
      return JSON.parse(text.slice(start.index)) as unknown
    } catch {
      // Words that only begin like it.
    }
  }
  throw new StepFailed(from, `${from} did not answer with JSON`)
}

/** A value's fields; none for anything that has no names. */
export function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

/** A field's text; null for anything else. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

import { resolve } from 'node:path'
import type { CallRegistry, Io } from '../core/plan.ts'
import { execute } from '../world/exec.ts'

type Values = { dir: string; commit: string; buildId: string; cwd: string | null }

const STATUS_MS = 60_000
/** EX_TEMPFAIL of sysexits: ask again later. */
const UNDER_WAY = 75

/** What the steps of the command target name. */
export const commandCalls = {
  'command.run': async (input: Values & { words: string[]; timeoutMs: number }, io: Io) => {
    const { timeoutMs } = input
    await execute({
      ...child(input, input.words, io),
      idleMs: timeoutMs,
      timeoutMs,
      onLine: (_, text) => io.line(text),
      onChild: io.child,
    })
    return {}
  },

  'command.probe': async (input: Values & { status: string[] | null }, io: Io) => {
    if (input.status === null) return { state: 'unknown', saw: { because: 'the target has no status command' } }
    const anything = Array.from({ length: 256 }, (_, code) => code)
    const { code } = await execute({
      ...child(input, input.status, io),
      idleMs: STATUS_MS,
      timeoutMs: STATUS_MS,
      okCodes: anything,
    })
    return { state: code === 0 ? 'done' : code === UNDER_WAY ? 'settling' : 'absent', saw: { code }, gives: {} }
  },
} satisfies CallRegistry

function child(values: Values, words: string[], io: Io) {
  const { dir, commit, buildId } = values
  const argv = words.map((word) =>
    word
      .replaceAll('{dir}', () => dir)
      .replaceAll('{commit}', () => commit)
      .replaceAll('{build_id}', () => buildId),
  )
  const env = { KNOWNGOOD_DIR: dir, KNOWNGOOD_COMMIT: commit, KNOWNGOOD_BUILD_ID: buildId, KNOWNGOOD_RUN: io.run }
  return { argv, cwd: resolve(io.root, values.cwd ?? '.'), env, signal: io.signal }
}

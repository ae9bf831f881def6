import { isAbsolute, join } from 'node:path'
import { z } from 'zod'
import { known } from '../core/known.ts'
import type { Arg, Call, Exec, Step } from '../core/plan.ts'
import type { DeployContext, Target } from '../core/plug-in.ts'
import { now } from '../world/clock.ts'
import { missingProgram } from '../world/programs.ts'
import { commandCalls } from './command-calls.ts'

const argv = z.array(z.string()).nonempty()

const options = z.strictObject({
  run: argv.describe('What brings a release live. An argument may be {dir} (the built files), {commit} or {build_id}.'),
  back: argv
    .optional()
    .describe('What returns to an earlier release, with the same placeholders; `run` when left out.'),
  status: argv
    .optional()
    .describe(
      'Ends with 0 when KNOWNGOOD_BUILD_ID is live, 75 while something is under way, another code when it is not.',
    ),
  cwd: z.string().optional().describe('Where it runs, relative to the repository; its top when left out.'),
  timeout: z.int().positive().default(900).describe('Seconds until it is ended.'),
})

type Options = z.infer<typeof options>

/** Runs a team's own deploy command. It never goes to a shell; what is released is in its arguments and its environment. */
export const command: Target<Options> = {
  use: 'command',
  says: 'Runs a command of your own with the built files, the commit and the BUILD_ID.',
  options,
  // A deploy script is not called by a tool that has only just met it: the team names it.
  detect: async () => [],
  doctor: async (o, place) => {
    const wanted = [o.run, o.back, o.status].flatMap((words) => (words?.[0] === undefined ? [] : [words[0]]))
    return Promise.all(
      [...new Set(wanted)].map(async (program) => {
        const missing = await missingProgram(program, folder(o, place.root))
        const says = missing ?? `${program} is there`
        return {
          id: `command.${program}`,
          ok: missing === null,
          says,
          fix: missing === null ? '' : `Install ${program}, or correct deploy.targets.`,
        }
      }),
    )
  },
  // What a foreign host serves is told by its page; a status answers for one BUILD_ID only.
  observe: async () => known({ settled: true, live: null, deployId: null }, now().toISOString()),
  calls: commandCalls,
  deploy: (o, context) => step(o, context, o.run),
  back: (o, context) => step(o, context, o.back ?? o.run),
}

function step(o: Options, context: DeployContext, words: string[]): Step {
  const status = o.status ?? null
  const values = { dir: context.dir, commit: context.commit, buildId: context.buildId }
  const probe: Call = {
    do: 'call',
    name: 'command.probe',
    input: { ...values, status, cwd: o.cwd ?? null },
    says: status === null ? 'nothing can tell whether the command went through' : `ask ${status.join(' ')}`,
    byHand: status === null ? [] : [fill(status, context) ?? status],
  }
  return {
    id: context.id,
    title: words[0] ?? 'command',
    detail: words.slice(1).join(' '),
    effect: 'outward',
    fence: true,
    actions: [action(o, context, words)],
    gives: [],
    probe,
    stop: 'before',
    // What a foreign command has done half way only the team can tell.
    onFail: 'halt',
  }
}

/** A plain child where every placeholder stands alone or is known; else the call that fills them in when it runs. */
function action(o: Options, context: DeployContext, words: string[]): Exec | Call {
  const filled = fill(words, context)
  const timeoutMs = o.timeout * 1000
  // A folder is relative to the repository, wherever the program was started: the call knows where that is.
  if (filled !== null && o.cwd === undefined) {
    const env = { KNOWNGOOD_DIR: context.dir, KNOWNGOOD_COMMIT: context.commit, KNOWNGOOD_BUILD_ID: context.buildId }
    return { do: 'exec', argv: filled, env, idleMs: timeoutMs, timeoutMs, okCodes: [0] }
  }
  const { dir, commit, buildId } = context
  const input = { words, dir, commit, buildId, cwd: o.cwd ?? null, timeoutMs }
  return { do: 'call', name: 'command.run', input, says: words.join(' '), byHand: [filled ?? words] }
}

function fill(words: string[], context: DeployContext): Arg[] | null {
  const values: Record<string, Arg> = {
    '{dir}': context.dir,
    '{commit}': context.commit,
    '{build_id}': context.buildId,
  }
  const filled = words.map((text) => {
    const whole = values[text]
    if (whole !== undefined) return whole
    let done = text
    for (const [name, value] of Object.entries(values)) {
      if (!done.includes(name)) continue
      if (typeof value !== 'string') return null
      done = done.replaceAll(name, () => value)
    }
    return done
  })
  return filled.includes(null) ? null : filled.filter((word) => word !== null)
}

function folder(o: Options, root: string): string {
  return o.cwd === undefined ? root : isAbsolute(o.cwd) ? o.cwd : join(root, o.cwd)
}

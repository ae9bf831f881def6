import { join } from 'node:path'
import { z } from 'zod'
import { known } from '../core/known.ts'
import type { Source } from '../core/plug-in.ts'
import { shellWord } from '../core/shell.ts'
import { now } from '../world/clock.ts'
import { missingProgram } from '../world/programs.ts'
import { captureStep } from './captured.ts'
import { commandSourceCalls } from './command/calls.ts'
import type { Command } from './command/run.ts'
import { backStep, filled, readableStep, restoreSteps, type Told } from './command/steps.ts'

const argv = (placeholder: string) =>
  z
    .array(z.string().max(4000))
    .min(1)
    .refine((words) => (words[0] ?? '').trim() !== '' && words.slice(1).some((word) => word.includes(placeholder)), {
      error: `is a list of words, one of which holds ${placeholder}`,
    })

const options = z.strictObject({
  capture: argv('{out}').describe('The command that captures; {out} is the file it writes.'),
  restore: argv('{in}').optional().describe('The command that puts it back; {in} is the file it reads.'),
  check: argv('{in}').optional().describe('A command that reads a captured file and ends with 0 when it is whole.'),
  extension: z
    .string()
    .regex(/^[A-Za-z0-9]+(?:\.[A-Za-z0-9]+){0,3}$/)
    .default('dump')
    .describe('What the captured file is called after, without the first dot, such as sql.gz.'),
  holds: z
    .enum(['database', 'runtime'])
    .default('database')
    .describe('What it is: databases are in every full backup and dump.'),
  timeout: z.int().positive().default(3600).describe('Seconds until a command is ended.'),
  idle: z.int().positive().default(300).describe('Seconds in which it may say nothing while its file does not grow.'),
})

type Options = z.infer<typeof options>

/**
 * Captures and restores by a team's own commands, without a shell. What they say with their exit code is believed only when
 * it is bad. A swap captures first; that file is kept under `.knowngood/undo/<run>/`, and restored when it is undone.
 */
export const command: Source<Options> = {
  use: 'command',
  says: 'A pair of commands of your own that capture to a file and put it back.',
  holds: 'database',
  schemaless: true,
  options,
  // What is run must have been named by the team.
  detect: async () => [],
  doctor: async (o, place) => {
    const wanted = [o.capture, o.restore, o.check].flatMap((words) => (words?.[0] === undefined ? [] : [words[0]]))
    return Promise.all(
      [...new Set(wanted)].map(async (program) => {
        const missing = await missingProgram(program, place.root)
        const fix = missing === null ? '' : `Install ${program}, or correct the source's commands.`
        return { id: `command.${program}`, ok: missing === null, says: missing ?? `${program} is there`, fix }
      }),
    )
  },
  observe: async (o) => ({ schema: known(null, now().toISOString()), detail: { capture: o.capture.join(' ') } }),
  calls: commandSourceCalls,
  capture: (o, context) => {
    const path = `${context.name}/${context.name}.${o.extension}`
    const { capture } = toldBy(o)
    return captureStep('command', context, {
      title: `Capture ${context.name}`,
      detail: o.capture.join(' '),
      paths: [path],
      input: { command: capture },
      says: o.capture.join(' '),
      byHand: [filled(capture, '{out}', join(context.stage, path))],
    })
  },
  readable: (o, read) => readableStep(toldBy(o), read),
  restore: (o, context) => restoreSteps(toldBy(o), context),
  back: (o, context) => backStep(toldBy(o), context),
  manual: (o, part) =>
    o.restore === undefined
      ? [`test -s ${shellWord(part.path)}`]
      : [`BACKUP="$PWD"; (cd "\${PROJECT_DIR:-.}" && ${o.restore.map((word) => inBackup(word, part.path)).join(' ')})`],
}

/** A word of a command that is run in the project, with the file's place in the backup. */
function inBackup(word: string, path: string): string {
  return word
    .split('{in}')
    .map((text) => (text === '' ? '' : shellWord(text)))
    .join(`"$BACKUP"/${shellWord(path)}`)
}

function toldBy(o: Options): Told {
  const one = (words: string[]): Command => ({ words, timeout: o.timeout, idle: o.idle })
  return {
    capture: one(o.capture),
    restore: o.restore === undefined ? null : one(o.restore),
    check: o.check === undefined ? null : one(o.check),
  }
}

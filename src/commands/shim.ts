import { basename, resolve } from 'node:path'
import { EXIT, UserError } from '../core/failure.ts'
import { isShim, legacyName, shimText } from '../core/shim.ts'
import { clean } from '../core/text.ts'
import { keepBeside, readText, writeWhole } from '../world/files.ts'
import type { RunCommand } from './command.ts'

const RUNNABLE = 0o755

/** `knowngood shim SCRIPT -- COMMAND`: the old script stays runnable, its name warns, waits and hands over. */
export const run: RunCommand = async (context, [script = '', ...command]) => {
  const path = resolve(context.cwd, script)
  const legacy = legacyName(path)
  const text = await readText(path)
  if (text === null)
    throw new UserError(`There is no ${clean(script)}`, 'a wrapper takes the place of a script', [
      'Name the old script.',
    ])
  const again = isShim(text)
  const wrapper = shimText(script, basename(legacy), command)
  const data = { script, legacy: legacyName(script), command, rewritten: again }
  if (context.dryRun)
    return {
      exit: EXIT.done,
      data: { ...data, dryRun: true },
      lines: [...wrapper.trimEnd().split('\n'), '', 'Nothing has changed.'],
    }
  // The old one has its second name before its first is given away; killed between, it runs as ever.
  if (!again && !(await keepBeside(path, legacy, RUNNABLE)))
    throw new UserError(`${legacyName(clean(script))} is there already`, 'it is left as it is', ['Move it away first.'])
  await writeWhole(path, wrapper, { mode: RUNNABLE })
  const lines = [
    `${clean(script)} warns, waits five seconds and runs: ${clean(command.join(' '))}`,
    `The old one: ${clean(legacyName(script))}`,
  ]
  return { exit: EXIT.done, data, lines: again ? lines.slice(0, 1) : lines }
}

import { ListrLogger, ProcessOutput } from 'listr2'
import type { TreeFace } from '../run/tree.ts'

/**
 * How a headless run draws itself: listr2's live tree on a terminal, its plain lines elsewhere. Always on stderr:
 * stdout belongs to the result.
 */
export function headlessFace(): TreeFace {
  const processOutput = new ProcessOutput(process.stderr, process.stderr)
  const live = process.stderr.isTTY === true && process.env['TERM'] !== 'dumb' && process.env['ACCESSIBLE'] === undefined
  const plainIcons = { icon: { STARTED: '▸', COMPLETED: '✓', FAILED: '✗', SKIPPED: '○', OUTPUT: ' ' } }
  if (live) return { renderer: 'default', options: { processOutput, collapseSubtasks: false, showErrorMessage: true, collapseErrors: false } }
  return { renderer: 'simple', options: { logger: new ListrLogger({ processOutput, useIcons: true, ...plainIcons } as never) } }
}

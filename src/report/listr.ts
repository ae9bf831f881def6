import { ListrLogger, ProcessOutput } from 'listr2'
import type { TreeFace } from '../run/tree.ts'

/**
 * How a headless run draws itself: listr2's live tree on a terminal, its plain lines elsewhere. Always on stderr:
 * stdout belongs to the result.
 */
export function headlessFace(): TreeFace {
  const processOutput = new ProcessOutput(process.stderr, process.stderr)
  const live =
    process.stderr.isTTY === true && process.env['TERM'] !== 'dumb' && process.env['ACCESSIBLE'] === undefined
  // The deck's own glyphs; listr2's renderer gives its logger the icons it was given itself.
  const icon = { STARTED: '▸', PENDING: '▸', WAITING: '○', COMPLETED: '✓', FAILED: '✗', SKIPPED: '○', OUTPUT: ' ' }
  if (live)
    return {
      renderer: 'default',
      options: { processOutput, icon, collapseSubtasks: false, showErrorMessage: true, collapseErrors: false },
    }
  return { renderer: 'simple', options: { icon, logger: new ListrLogger({ processOutput, useIcons: true }) } }
}

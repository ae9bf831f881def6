import { DefaultRenderer, ListrLogger, ProcessOutput } from 'listr2'
import type { TreeFace } from '../run/tree.ts'

/** listr2 draws its live tree only where stdout is a terminal, and there; ours is drawn on stderr, where the result may go elsewhere. */
class LiveTree extends DefaultRenderer {
  static override nonTTY = true
}

/** The deck's own glyphs; listr2's renderer gives its logger the icons it was given itself. */
const ICONS = {
  STARTED: '▸',
  PENDING: '▸',
  WAITING: '○',
  COMPLETED: '✓',
  // What was found done already, by a run that is taken up again.
  SKIPPED: '✓',
  SKIPPED_WITH_COLLAPSE: '✓',
  FAILED: '✗',
  FAILED_WITH_SUBTASKS: '✗',
  COMPLETED_WITH_FAILED_SUBTASKS: '!',
  COMPLETED_WITH_SISTER_TASKS_FAILED: '○',
  OUTPUT: ' ',
}

/**
 * How a headless run draws itself: listr2's live tree on a terminal, its plain lines elsewhere. Always on stderr:
 * stdout belongs to the result.
 */
export function headlessFace(): TreeFace {
  const processOutput = new ProcessOutput(process.stderr, process.stderr)
  const live =
    process.stderr.isTTY === true && process.env['TERM'] !== 'dumb' && process.env['ACCESSIBLE'] === undefined
  const logger = new ListrLogger({ processOutput, useIcons: true })
  if (live)
    return {
      renderer: LiveTree,
      options: { logger, icon: ICONS, collapseSubtasks: false, collapseErrors: false, showSkipMessage: false },
      columns: () => process.stderr.columns,
    }
  return { renderer: 'simple', options: { icon: ICONS, logger } }
}

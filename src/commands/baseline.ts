import { listReport } from './backups.ts'
import type { RunCommand } from './command.ts'

/** `knowngood baseline list`: every baseline, with what has been proven about it. */
export const run: RunCommand = (context) =>
  listReport(context, 'baseline', 'No baseline yet. knowngood baseline create NAME makes the first.')

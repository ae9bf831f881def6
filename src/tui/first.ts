import { isRunId } from '../core/naming.ts'
import type { Screen } from './nav.ts'

const NAMED: Readonly<Record<string, Screen>> = {
  backup: { place: 'backup' },
  backups: { place: 'backups' },
  prune: { place: 'prune' },
  gate: { place: 'gate' },
  verify: { place: 'verify' },
  rollback: { place: 'rollback' },
  logs: { place: 'logs' },
  activity: { place: 'activity' },
  glass: { place: 'glass' },
}

/** The screen to begin with: one of these names, or a run to follow. Null: the dashboard. */
export function firstScreen(name: string): Screen | null {
  return isRunId(name) ? { place: 'running', run: name } : (NAMED[name] ?? null)
}

import { join } from 'node:path'

const moved = new Map<string, string>()

/** Keeps this process's state of a clone elsewhere: break glass goes on when the disk it belongs on cannot be written. */
export function moveState(root: string, home: string): void {
  moved.set(root, home)
}

/** Where this process's state of a clone was moved to; null where it was not. */
export function movedState(root: string): string | null {
  return moved.get(root) ?? null
}

/** Where Knowngood keeps its own state in a clone; git-ignored, and never part of what makes a tree dirty. */
export function statePaths(root: string) {
  const home = moved.get(root) ?? join(root, '.knowngood')
  return {
    home,
    runs: join(home, 'runs'),
    run: (id: string) => join(home, 'runs', id),
    journal: (id: string) => join(home, 'runs', id, 'journal.jsonl'),
    events: (id: string) => join(home, 'runs', id, 'events.jsonl'),
    /** The reviewed plan and its answers, left for the process that executes them. */
    order: (id: string) => join(home, 'runs', id, 'order.json'),
    lock: join(home, 'lock'),
    /** What a restore's swap took out, until it is not wanted back any more. */
    undo: (run: string) => join(home, 'undo', run),
    /** Stands once that was removed, by `restore --forget`. */
    forgotten: (run: string) => join(home, 'runs', run, 'forgotten'),
    /** Removals that have begun. */
    deleting: join(home, 'deleting'),
    session: join(home, 'session.json'),
    gates: join(home, 'gate'),
    gate: (commit: string) => join(home, 'gate', `${commit}.json`),
    cache: join(home, 'cache'),
    /** Held for moments while a file is read, changed and written back. */
    shortLock: (name: string) => join(home, 'locks', name),
    /** The newest line of this clone's audit chain, kept apart so that a log cut short is noticed. */
    auditHead: join(home, 'audit-head.json'),
    auditLog: join(root, '.verification_audit.log'),
    proofs: join(root, 'backups', 'proofs.jsonl'),
    /** Doubts about backups that somebody looked at and confirmed. */
    confirmed: join(root, 'backups', 'confirmed.jsonl'),
  }
}

export const LOCK_REF = 'refs/knowngood/lock'
export const BACKUP_REFS = 'refs/knowngood/backups'
export const UNDO_REFS = 'refs/knowngood/undo'

/** Part of the name of what a restore puts beside something, or keeps of it: its run is in it. */
export const BESIDE_NAME = /\.(?:knowngood|before)-[a-z][a-z-]*-\d{8}_\d{6}Z-[0-9a-z]+(?:\/|$)/

/** Paths (prefixes ending in `/`, or whole names) that never count as uncommitted work. */
export const OWN_PATHS = [
  '.knowngood/',
  'backups/',
  'immaculate/',
  '.verification_audit.log',
  'evidence/',
  'deploy_logs/',
] as const

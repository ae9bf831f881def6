import { busy, type Situation } from './keys-off.ts'
import type { Place } from './nav.ts'

/** A key as the table has it: its id is its name there, what is shown is its first key, the label is empty. */
export type Row = {
  keys: readonly string[]
  shown?: string
  label?: string
  does: string
  where: readonly Place[] | 'everywhere'
  weight?: number
  off?: (situation: Situation) => string | null
}

/** The places of one backup that is selected. */
export const kept = ['backups', 'show'] as const

/** The keys of making, proving, putting back and removing backups. */
export const backupKeys = {
  startBackup: {
    keys: ['b'],
    label: 'back up now',
    does: 'start the selected kind',
    where: ['backup'],
    weight: 9,
    off: busy,
  },
  notes: { keys: ['n'], label: 'notes', does: 'start it with notes', where: ['backup'], weight: 7, off: busy },
  backups: {
    keys: ['B'],
    label: 'backups',
    does: 'list every backup',
    where: ['dashboard', 'backup'],
    weight: 3.5,
  },
  withRedis: {
    keys: ['i'],
    label: 'include Redis',
    does: 'include Redis in the set, or leave it out',
    where: ['backup'],
    weight: 6,
  },
  verifyBackup: {
    keys: ['v'],
    label: 'verify',
    does: 'read every byte again and open each part',
    where: kept,
    weight: 9,
    off: busy,
  },
  prove: {
    keys: ['V'],
    label: 'prove',
    does: 'prove it: restore into a scratch place and count',
    where: kept,
    weight: 8,
    off: busy,
  },
  restore: {
    keys: ['r'],
    label: 'restore',
    does: 'choose what of it to put back',
    where: kept,
    weight: 9,
    off: busy,
  },
  undoRestore: {
    keys: ['u'],
    label: 'undo',
    does: 'swap back what a restore replaced',
    where: ['running', 'show'],
    weight: 6,
  },
  forget: {
    keys: ['x'],
    label: 'forget',
    does: 'review removing what a restore replaced and kept',
    where: ['running', 'backups'],
    weight: 1,
    off: busy,
  },
  prune: {
    keys: ['p'],
    label: 'prune',
    does: 'see what retention would remove, and why',
    where: ['backups'],
    weight: 4,
  },
  settle: {
    keys: ['c'],
    label: 'confirm',
    does: 'confirm that it is right although it is in doubt',
    where: ['show'],
    weight: 6,
  },
  remove: {
    keys: ['D'],
    label: 'delete',
    does: 'review deleting this one',
    where: ['show'],
    weight: 1,
    off: busy,
  },
  choose: {
    keys: ['space'],
    label: 'choose',
    does: 'take a source, or leave it',
    where: ['restore', 'glass'],
    weight: 9,
  },
  beside: {
    keys: ['t'],
    label: 'beside',
    does: 'put it beside, into a folder or another database',
    where: ['restore'],
    weight: 3,
  },
  flush: {
    keys: ['f'],
    label: 'flush Redis',
    does: 'flush Redis with it, or not',
    where: ['restore'],
    weight: 7,
  },
} satisfies Readonly<Record<string, Row>>

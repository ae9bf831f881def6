import type { ListedBackup } from '../core/backup.ts'
import type { Handlers } from './layers.ts'
import type { ActionId } from './keys.ts'
import type { Stage } from './stage.ts'
import { review } from './verbs.ts'

type Kept = { handlers: Handlers; off: Partial<Record<ActionId, string | null>> }

/** What the keys do to one backup, wherever it is selected: nothing of it happens before its review. */
export function keptVerbs(stage: Stage, backup: ListedBackup | undefined): Kept {
  const none = backup === undefined ? 'there is no backup here' : null
  return {
    off: {
      verifyBackup: none,
      prove: backup === undefined ? none : noProof(backup),
      restore: backup === undefined ? none : noRestore(backup),
      copy: none,
    },
    handlers: {
      verifyBackup: () => backup && void review(stage, { op: 'verify', id: backup.id, rung: 'readable' }),
      prove: () => backup && void review(stage, { op: 'verify', id: backup.id, rung: 'restored' }),
      restore: () => backup && stage.go({ do: 'open', screen: { place: 'restore', id: backup.id } }),
      copy: () =>
        backup && void stage.attempt(() => stage.deck.copy(backup.id)).then(() => stage.toast(`Copied ${backup.id}.`)),
    },
  }
}

const pointsOnly = (backup: ListedBackup): boolean => backup.kind === 'quick'

function noProof(backup: ListedBackup): string | null {
  return pointsOnly(backup) ? 'a quick backup holds no data; v looks at its commit' : null
}

function noRestore(backup: ListedBackup): string | null {
  if (pointsOnly(backup)) return 'a quick backup holds no data; r on the dashboard returns to its commit'
  return backup.state === 'ok' ? null : `it is ${backup.state}: ${backup.because ?? 'not usable'}`
}

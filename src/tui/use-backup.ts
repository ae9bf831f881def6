import { useEffect, useState } from 'react'
import type { BackupDetail } from '../core/deck.ts'
import { useStage } from './stage.ts'
import { useStore } from './use-store.ts'

/** What is known of a backup beyond its row; null while it is read, `failed` when it could not be. */
export type SeenDetail = { detail: BackupDetail | null; failed: string | null }

const NOT_YET: SeenDetail = { detail: null, failed: null }

/**
 * Reads one backup's proofs, manifest and protection once the pointer has rested on it for `afterMs`; again with every
 * fresh look at the facts. `id` null reads nothing.
 */
export function useBackup(id: string | null, afterMs: number): SeenDetail {
  const { deck } = useStage()
  const { facts } = useStore(deck.facts)
  const [seen, setSeen] = useState<{ id: string } & SeenDetail>({ id: '', ...NOT_YET })
  useEffect(() => {
    if (id === null) return
    let gone = false
    const read = async (): Promise<void> => {
      try {
        const detail = await deck.backup(id)
        if (!gone) setSeen({ id, detail, failed: null })
      } catch (error) {
        if (!gone) setSeen({ id, detail: null, failed: error instanceof Error ? error.message : String(error) })
      }
    }
    if (afterMs === 0) {
      void read()
      return () => void (gone = true)
    }
    const timer = setTimeout(() => void read(), afterMs)
    return () => {
      gone = true
      clearTimeout(timer)
    }
  }, [deck, id, afterMs, facts])
  return id !== null && seen.id === id ? seen : NOT_YET
}

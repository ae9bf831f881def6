import { failedReleases } from '../core/failed-releases.ts'
import { useStage } from './stage.ts'
import { useStore } from './use-store.ts'

/** The facts a list of backups is drawn from, the moment they were looked at, and the releases that failed. */
export function useLook() {
  const look = useStore(useStage().deck.facts)
  return { look, now: new Date(look.facts.at), failed: failedReleases(look.facts.history) }
}

import type { Facts } from '../core/facts.ts'
import type { Early } from './early.ts'

/** The parts a face may wait for one by one. */
export type FactsPart =
  | 'git'
  | 'live'
  | 'backups'
  | 'gate'
  | 'logs'
  | 'releases'
  | 'sources'
  | 'lock'
  | 'shared lock'
  | 'runs'
  | 'session'
  | 'disk'

export type ObserveOptions = {
  /** Reads the live page (default true); without it, live is unknown. */
  live?: boolean
  /** Asks the remote for its branch, `prod-current` and lock, and fetches what moved (default false: as last fetched). */
  remote?: boolean
  /** Only these parts; everything else is unknown. Git is always read. */
  only?: readonly string[]
  /** What was asked already, before anybody waited for it. */
  early?: Early
  /** What was seen just now: parts that are not in `only` are taken from it instead of being unknown. */
  keep?: Facts
  /** Being opened: it is waited for before it is read. */
  session?: Promise<unknown>
  /** Told as each part is there; `value` is what the facts will hold. */
  onPart?: (part: FactsPart, value: unknown) => void
  /** Who looks, where it is known already. */
  operator?: string
  signal?: AbortSignal
}

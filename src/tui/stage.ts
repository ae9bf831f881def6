import { createContext, useContext, useState } from 'react'
import { useWindowSize } from 'ink'
import type { Deck, Preferences } from '../core/deck.ts'
import type { ActionId } from './keys.ts'
import type { Situation } from './keys-off.ts'
import type { Layers } from './layers.ts'
import type { Nav, NavChange } from './nav.ts'
import { sizeOf, type Size } from './size.ts'
import type { Theme } from './theme.ts'

/** What every screen and overlay is given. */
export type Stage = {
  deck: Deck
  nav: Nav
  go(change: NavChange): void
  theme: Theme
  situation: Situation
  layers: Layers
  /** Places of the pointer and the like, kept while a screen is away. */
  memory: Map<string, unknown>
  demo: boolean
  spoken: boolean
  /** Awaits the work; a failure becomes the problem overlay and null. */
  attempt<T>(work: () => Promise<T>): Promise<T | null>
  toast(text: string): void
  /** Does what a key of the table does, wherever it was chosen from. */
  act(id: ActionId): void
  chooseTheme(theme: Preferences['theme']): void
  /** Leaves, and has the program open again by the configuration as it is then. */
  reopen(): void
  quit(): void
}

export const StageContext = createContext<Stage | null>(null)

export function useStage(): Stage {
  const stage = useContext(StageContext)
  if (stage === null) throw new Error('A screen was drawn outside the stage.')
  return stage
}

/** State that survives leaving the screen and coming back. */
export function useRemembered<T>(name: string, initial: T): [T, (change: (value: T) => T) => void] {
  const { memory } = useStage()
  const [value, setValue] = useState<T>(() => (memory.has(name) ? (memory.get(name) as T) : initial))
  return [
    value,
    (change) =>
      setValue((old) => {
        const fresh = change(old)
        memory.set(name, fresh)
        return fresh
      }),
  ]
}

export function useSize(): Size {
  const { columns, rows } = useWindowSize()
  return sizeOf(columns, rows, useStage().spoken)
}

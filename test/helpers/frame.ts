import { fakeDeck, type FakeDeck } from './fake-deck.ts'
import { open, type Screen } from './screen.ts'

type Wanted = {
  first?: string
  shows: string
  deck?: FakeDeck
  keys?: readonly string[]
  columns?: number
  rows?: number
}

/** A frame, at 80×24 unless told, its empty rows folded, so that a moved column is seen at once. */
export async function frame(wanted: Wanted): Promise<string> {
  const { first, shows, deck = fakeDeck(), keys = [], columns = 80, rows = 24 } = wanted
  const screen = open(deck, columns, rows, first === undefined ? {} : { first })
  await screen.settle()
  await follow(screen, keys)
  await screen.waitFor(shows)
  const seen = screen.rows()
  await screen.leave()
  return `\n${seen.join('\n').replace(/\n( *│?\n){2,}/g, '\n\n')}\n`
}

/** Keys one by one; `see:…` waits until that is on the screen, `wait` until a fresh review takes keys. */
export async function follow(screen: Screen, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    if (key === 'wait') await screen.guarded()
    else if (key.startsWith('see:')) await screen.waitFor(key.slice(4))
    else await screen.press(key)
  }
}

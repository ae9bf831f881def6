import { fakeDeck, type FakeDeck } from './fake-deck.ts'
import { open } from './screen.ts'

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
  for (const key of keys) await screen.press(key)
  await screen.waitFor(shows)
  const seen = screen.rows()
  await screen.leave()
  return `\n${seen.join('\n').replace(/\n( *│?\n){2,}/g, '\n\n')}\n`
}

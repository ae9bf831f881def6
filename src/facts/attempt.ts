import { messageOf, UserError } from '../core/failure.ts'
import { known, unknown } from '../core/known.ts'
import type { Known } from '../core/known.ts'

/** What the work gives, or why it is not known; `fix` where the error knows no better. */
export async function attempt<T>(work: () => Promise<T>, fix: string, at: string): Promise<Known<T>> {
  try {
    return known(await work(), at)
  } catch (error) {
    const own = error instanceof UserError ? error.next[0] : undefined
    return unknown(messageOf(error), own ?? fix, at)
  }
}

import { messageOf } from '../core/failure.ts'
import { known, unknown } from '../core/known.ts'
import type { Known } from '../core/known.ts'

/** What the work gives, or why it is not known. */
export async function attempt<T>(work: () => Promise<T>, fix: string, at: string): Promise<Known<T>> {
  try {
    return known(await work(), at)
  } catch (error) {
    return unknown(messageOf(error), fix, at)
  }
}

import { messageOf } from '../core/failure.ts'
import { known, unknown, type Known } from '../core/known.ts'
import type { Check, MirrorHeld } from '../core/plug-in.ts'
import { now } from '../world/clock.ts'

/** A mirror's line of `doctor`: `look` says what it found there, or throws why it is not well; `fix` is told why. */
export async function mirrorCheck(
  to: string,
  fix: (why: string) => string,
  look: () => Promise<string>,
): Promise<Check[]> {
  const id = `mirror.${to}`
  try {
    return [{ id, ok: true, says: await look(), fix: '' }]
  } catch (error) {
    const says = messageOf(error)
    return [{ id, ok: false, says, fix: fix(says) }]
  }
}

type Holding = { free: number | null; holds: MirrorHeld[] }

/** What a mirror holds and its room in bytes; why not, and how to look, when it cannot be asked. */
export async function mirrorFacts(fix: string, look: () => Promise<Holding>): Promise<Known<Holding>> {
  const at = now().toISOString()
  try {
    return known(await look(), at)
  } catch (error) {
    return unknown(messageOf(error), fix, at)
  }
}

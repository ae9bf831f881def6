import { duration, size } from './age.ts'

/**
 * What a step has counted of its bytes. `total` null: nobody knows; `basis`: whether it was counted, or is what the last run had.
 * `since` is when this pass over the bytes began (ISO 8601): a step may go over them more than once.
 */
export type Counted = { done: number; total: number | null; basis: 'counted' | 'last run'; since?: string }

/** In the first seconds, ms, a rate or a guess only jumps about. */
const SURE_MS = 2_000

/** A count after the one before it. Fewer bytes than before are another pass. */
export function countedOn(before: Counted | undefined, now: Omit<Counted, 'since'>, at: string): Counted {
  const { done, total, basis } = now
  const since = before !== undefined && done >= before.done ? (before.since ?? at) : at
  return { done, total, basis, since }
}

/** Whether a step has done more than all there was the last time: the last time tells nothing any more. */
function isBeyond({ done, total, basis }: Counted): boolean {
  return total !== null && basis === 'last run' && done > total
}

/** How much of it is done, 0 to 1; null where nobody knows. */
export function shareOf(counted: Counted): number | null {
  const { done, total } = counted
  return total === null || total <= 0 || isBeyond(counted) ? null : Math.min(1, done / total)
}

/** "2.0 MB of 5.2 MB, 162 kB/s", done in so many ms; without the whole where it is not known, or passed. */
export function amountOf({ done, total }: Counted, passed: number): string {
  const whole = total === null || total <= 0 || total < done ? '' : ` of ${size(total)}`
  const rate = passed < SURE_MS ? '' : `, ${size((done / passed) * 1_000)}/s`
  return `${size(done)}${whole}${rate}`
}

/** "about 12 s left", in ms, of work that took `passed` so far; empty where nothing is left, or it would be a guess. */
export function leftWords(ms: number, passed: number): string {
  return ms > 0 && passed >= SURE_MS ? `about ${duration(Math.max(1_000, ms))} left` : ''
}

/** What is left when a share of the work took so long, ms; 0 where that tells nothing. */
export function leftOf(share: number, passed: number): number {
  return share <= 0 ? 0 : (passed / share) * (1 - share)
}

/**
 * How far a step is, in words, the longest way first: "31 %, 609 MB of 1.9 GB, 212 MB/s, about 6.1 s left" to "31 %". `passed`: for
 * so many ms it has been at it.
 */
export function progressLines(counted: Counted, passed: number): string[] {
  const share = shareOf(counted)
  const [amounts, short] = [amountOf(counted, passed), amountOf(counted, 0)]
  if (share === null) return [...(isBeyond(counted) ? [`${amounts}, more than the last time`] : []), amounts, short]
  const percent = `${Math.floor(share * 100)} %`
  const rest = leftWords(leftOf(share, passed), passed)
  const wordings = [[percent, amounts, rest], [percent, short, rest], [percent, rest], [percent]]
  return wordings.map((words) => words.filter((word) => word !== '').join(', '))
}

/** Of pairs (before and after a step) one of each, in turn. */
const TAKEN = new Set([0, 3])

/**
 * Half of the points a long loop goes through, the first and the last among them; all of them with KNOWNGOOD_SLOW=1
 * (`npm run test:slow`).
 */
export function sampled<T>(points: readonly T[]): T[] {
  if (process.env['KNOWNGOOD_SLOW'] === '1') return [...points]
  return points.filter((_, index) => TAKEN.has(index % 4) || index === points.length - 1)
}

/** Of pairs (before and after a step) one of each, in turn. */
const HALF = { of: 4, taken: new Set([0, 3]) }
const QUARTER = { of: 8, taken: new Set([0, 5]) }
/** From this many points on a loop is long; another one that ends by itself may say so. */
const MANY = 12

/**
 * Half of the points a loop goes through, of a long one a quarter, the first and the last among them; all of them with
 * KNOWNGOOD_SLOW=1 (`npm run test:slow`, and of the kill loops `npm run test:kills`).
 */
export function sampled<T>(points: readonly T[], many = MANY): T[] {
  if (process.env['KNOWNGOOD_SLOW'] === '1') return [...points]
  const { of, taken } = points.length < many ? HALF : QUARTER
  return points.filter((_, index) => taken.has(index % of) || index === points.length - 1)
}

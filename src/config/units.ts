const DURATION = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])
const LONGEST_MS = 10 * 366 * 86_400_000

export const DURATION_PATTERN = /^(\d{1,6})(s|m|h|d)$/

/** "90s", "10m", "12h", "30d" in ms; null when it is not a duration, is nothing, or is longer than ten years. */
export function durationMs(text: string): number | null {
  const match = DURATION_PATTERN.exec(text)
  if (match === null) return null
  const ms = Number(match[1]) * (DURATION.get(match[2] ?? '') ?? 0)
  return ms > 0 && ms <= LONGEST_MS ? ms : null
}

const SIZES = new Map([
  ['B', 1],
  ['KB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['TB', 1e12],
])

export const SIZE_PATTERN = /^(\d{1,6}(?:\.\d{1,3})?)(B|KB|MB|GB|TB)$/

/** "500MB", "1.5GB" in bytes (powers of 1,000); null when it is not an amount, or nothing. */
export function sizeBytes(text: string): number | null {
  const match = SIZE_PATTERN.exec(text)
  if (match === null) return null
  const bytes = Math.round(Number(match[1]) * (SIZES.get(match[2] ?? '') ?? 0))
  return bytes > 0 ? bytes : null
}

/**
 * A fact that may be unknown. `at` is when it was looked at (ISO 8601, UTC).
 * An unknown says why, how to fix it, and what was last known.
 */
export type Known<T> = { at: string } & (
  | { ok: true; value: T }
  | { ok: false; because: string; fix: string; last?: { at: string; value: T } }
)

export function known<T>(value: T, at: string): Known<T> {
  return { at, ok: true, value }
}

export function unknown<T>(because: string, fix: string, at: string): Known<T> {
  return { at, ok: false, because, fix }
}

/** The value when it is known, else the fallback: for places that can live without it. */
export function valueOr<T, U>(fact: Known<T>, fallback: U): T | U {
  return fact.ok ? fact.value : fallback
}

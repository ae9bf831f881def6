import type { TestContext } from 'vitest'

/** Skips a test, saying which package it lacks; where every part is required, that is a failure. */
export function needed<T>(context: TestContext, part: T | string): T {
  if (typeof part !== 'string') return part
  if (process.env['KNOWNGOOD_REQUIRE_ALL'] === '1') throw new Error(part)
  return context.skip(part)
}

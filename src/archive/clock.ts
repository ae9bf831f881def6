import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'

/** What the wall clock said, and how long the machine had been up: together they show whether the clock was set since. In ms. */
export type Clock = { wall: number; up: number; boot: string | null }

const TOLERANCE = 2_000

export function readClock(): Clock {
  return { wall: Date.now(), up: uptime() * 1_000, boot: bootId() }
}

/** Whether the clock may have been set between two looks: it stands before the first, or did not go as far as the machine did. */
export function wasSet(before: Clock, after: Clock): boolean {
  if (after.wall < before.wall) return true
  if (before.boot === null || before.boot !== after.boot) return false
  return Math.abs(after.wall - before.wall - (after.up - before.up)) > TOLERANCE
}

function bootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return null
  }
}

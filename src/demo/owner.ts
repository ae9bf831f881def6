import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isAlive, ownMark } from '../world/identity.ts'
import type { ProcessMark } from '../world/identity.ts'

/** The file in a demo's folder that says which process it belongs to. */
export const MARKER = 'demo.json'

/** Writes into a demo's folder that it belongs to this process. */
export function markOwned(dir: string): void {
  writeFileSync(join(dir, MARKER), `${JSON.stringify(ownMark())}\n`, { mode: 0o600 })
}

/** Whether the folder is a demo's whose process is gone, as after kill -9. A folder without a marker never is. */
export function isAbandoned(dir: string): boolean {
  try {
    const owner = markIn(readFileSync(join(dir, MARKER), 'utf8'))
    return owner !== null && !isAlive(owner)
  } catch {
    return false
  }
}

/** The process a JSON text names; null when it names none. */
export function markIn(json: string): ProcessMark | null {
  try {
    const value: unknown = JSON.parse(json)
    if (typeof value !== 'object' || value === null) return null
    const { pid, started, boot } = value as Partial<Record<keyof ProcessMark, unknown>>
    const whole = typeof pid === 'number' && typeof started === 'string' && typeof boot === 'string'
    return whole ? { pid, started, boot } : null
  } catch {
    return null
  }
}

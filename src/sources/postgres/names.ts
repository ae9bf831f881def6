import { createHash } from 'node:crypto'

/** What PostgreSQL cuts names to, silently. */
export const LONGEST = 63

/** `<database>_kg_<run>`: what a restore fills beside the live one. */
export function besideName(database: string, run: string): string {
  return fit(database, `_kg_${tag(run)}`)
}

/** `<database>_before_<run>`: what was live before that run's swap. */
export function beforeName(database: string, run: string): string {
  return fit(database, beforeEnd(run))
}

/** How that name ends. */
export function beforeEnd(run: string): string {
  return `_before_${tag(run)}`
}

/** `restore-20251121_120711Z-a1b2` → `20251121_120711z_a1b2`, which needs no quotes. */
function tag(run: string): string {
  return run
    .replace(/^[a-z-]*-(?=\d{8}_)/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(-30)
}

/** Names that are too long end in a few letters of their own hash, so that two of them stay two. */
function fit(database: string, end: string): string {
  if (Buffer.byteLength(database + end) <= LONGEST) return database + end
  const hash = `_${createHash('sha256').update(database).digest('hex').slice(0, 6)}`
  let kept = database
  while (Buffer.byteLength(kept + hash + end) > LONGEST) kept = [...kept].slice(0, -1).join('')
  return kept + hash + end
}

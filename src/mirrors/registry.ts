import type { Mirror } from '../core/plug-in.ts'
import { directory } from './directory.ts'
import { rclone } from './rclone.ts'
import { restic } from './restic.ts'

/** Every mirror a project may name, by its `use`. */
export const mirrors = { directory, rclone, restic } satisfies Record<string, Mirror>

/** The mirror of this name; undefined when there is none. */
export function mirrorOf(use: string): Mirror | undefined {
  return Object.hasOwn(mirrors, use) ? (mirrors as Record<string, Mirror>)[use] : undefined
}

import { KINDS } from '../core/kinds.ts'
import type { MirrorCopy, MirrorHeld } from '../core/plug-in.ts'

/** Beside the files of every copy; written last, so that a copy without it is not one. One line of JSON. */
export const CARD = '.knowngood-copy.json'

/** What a card says of its copy. */
export function cardOf({ id, kind, at, digest, folder, files }: MirrorCopy): string {
  const listed = files.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 }))
  return `${JSON.stringify({ schema: 1, id, kind, at, digest, folder, files: listed })}\n`
}

/** A card read back; null for what is none of ours, or names a file outside its own folder. */
export function readCard(text: string): MirrorHeld | null {
  try {
    const card = JSON.parse(text) as Partial<MirrorHeld> & { schema?: unknown }
    const { id, kind, at, digest, folder, files } = card
    const words = [id, kind, at, digest, folder]
    if (card.schema !== 1 || !words.every((word) => typeof word === 'string') || !Array.isArray(files)) return null
    if (!Object.hasOwn(KINDS, kind ?? '') || !inside(folder ?? '') || !files.every(isFile)) return null
    return { id, kind, at, digest, folder, files } as MirrorHeld
  } catch {
    return null
  }
}

function isFile(file: unknown): boolean {
  const { path, bytes, sha256 } = (file ?? {}) as Record<string, unknown>
  return typeof path === 'string' && inside(path) && typeof bytes === 'number' && typeof sha256 === 'string'
}

/** A relative path that stays where it is put. */
function inside(path: string): boolean {
  return path !== '' && !path.startsWith('/') && !path.includes('\0') && !path.split('/').includes('..')
}

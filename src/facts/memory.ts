import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readCacheFile, writeCacheFile } from '../records/cache-file.ts'

/** What git said of objects, by what was asked and their ids. */
export type Memory = {
  /** What was said before, or what `ask` says now. */
  of<T>(question: string, ask: () => Promise<T>): Promise<T>
  get(question: string): unknown
  set(question: string, answer: unknown): void
  /** Keeps what was asked for this time, for the next. */
  save(): Promise<void>
}

/** Raised whenever a question gets another answer than before. */
const VERSION = '1'

/**
 * Answers that can be believed for ever, because an id is the hash of what was asked about: how two commits stand to
 * each other, what a tag says. Two things can change them, and end the memory: the clone's depth, and refs under
 * `refs/replace` (the caller sees to those).
 */
export async function openMemory(root: string): Promise<Memory> {
  const depth = await depthOf(root)
  if (depth === null) return noMemory()
  const version = `${VERSION} ${depth}`
  const kept = readCacheFile(root, 'objects', version)
  const before = new Map<string, unknown>(Array.isArray(kept) ? (kept as [string, unknown][]) : [])
  const after = new Map<string, unknown>()
  let fresh = false
  const memory: Memory = {
    get(question) {
      const answer = after.get(question) ?? before.get(question)
      if (answer !== undefined) after.set(question, answer)
      return answer
    },
    set(question, answer) {
      after.set(question, answer)
      fresh = true
    },
    async of<T>(question: string, ask: () => Promise<T>): Promise<T> {
      const known = memory.get(question)
      if (known !== undefined) return known as T
      const answer = await ask()
      memory.set(question, answer)
      return answer
    },
    async save() {
      if (fresh) await writeCacheFile(root, 'objects', version, [...after])
      fresh = false
    },
  }
  return memory
}

/** Remembers nothing: where a ref replaces objects, ids tell less than what they stand for. */
export function noMemory(): Memory {
  return { of: (_, ask) => ask(), get: () => undefined, set: () => undefined, save: async () => undefined }
}

/** Changes when history is cut short or filled up; null in a worktree, whose history is kept elsewhere. */
async function depthOf(root: string): Promise<string | null> {
  if (!(await stat(join(root, '.git')).catch(() => null))?.isDirectory()) return null
  const files = ['shallow', 'info/grafts'].map((name) => stat(join(root, '.git', name)).catch(() => null))
  return (await Promise.all(files)).map((file) => (file === null ? '' : `${file.size} ${file.ctimeMs}`)).join('; ')
}

import { lstat, open, readdir } from 'node:fs/promises'
import { constants } from 'node:fs'
import { join, matchesGlob } from 'node:path'
import type { RepoView } from '../core/plug-in.ts'

/** What `init` may look at. Paths use `/` and are relative to the top; nothing outside it is read. */
export type Look = RepoView & {
  files: readonly string[]
  /** Whether the walk ended before everything was seen. */
  cut: boolean
  executable(path: string): Promise<boolean>
}

/** By its name, a script that looks at production. */
export const LIVE_SCRIPT =
  /^(?:scripts?|bin|tools|ci|deploy)\/[^/]*(?:live|smoke|post[-_]?deploy)[^/]*\.(?:sh|zsh|bash|py|m?js)$/i

const SKIPPED = new Set([
  '.git',
  '.knowngood',
  'node_modules',
  '.venv',
  'venv',
  'vendor',
  '.cache',
  '.next',
  'dist',
  'build',
  'coverage',
  'target',
  '__pycache__',
])
/** What lies there only looks like the project's own. */
const MADE_UP = /^(?:(?:__)?tests?(?:__)?|specs?|(?:__)?fixtures?(?:__)?|test-?data|examples?|samples?|e2e|cypress)$/i
const MOST_FILES = 30_000
const DEEPEST = 10
const MOST_BYTES = 512 * 1024

/** Walks the working tree once. Links are not followed; submodules and other repositories inside it are left out. */
export async function lookAround(root: string): Promise<Look> {
  const files: string[] = []
  let level = ['']
  for (let depth = 0; level.length > 0 && depth <= DEEPEST; depth += 1) {
    const next: string[] = []
    for (const folder of level) {
      if (files.length >= MOST_FILES) break
      const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])
      if (folder !== '' && entries.some((entry) => entry.name === '.git')) continue
      for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`
        if (entry.isDirectory() && !SKIPPED.has(entry.name) && !MADE_UP.test(entry.name)) next.push(path)
        if (entry.isFile()) files.push(path)
      }
    }
    level = next
  }
  const cut = files.length >= MOST_FILES || level.length > 0
  return {
    files,
    cut,
    read: (path) => readSmall(join(root, path)),
    glob: async (pattern) => files.filter((path) => matchesGlob(path, pattern)),
    executable: async (path) => (((await lstat(join(root, path)).catch(() => null))?.mode ?? 0) & 0o100) !== 0,
  }
}

/** Whether the schema would take it as a path: odd names are the operator's to write. */
export function plainPath(path: string): boolean {
  return !/[\p{Cc}\\]|^-/u.test(path) && path.length <= 400
}

/** What starts a script that cannot be started by itself. */
export function interpreter(path: string): string {
  if (path.endsWith('.py')) return 'python3'
  if (/\.m?js$/.test(path)) return 'node'
  return path.endsWith('.zsh') ? 'zsh' : 'bash'
}

/** A small plain file's text; null when there is none, or it is a link, a pipe, large or not text. */
async function readSmall(path: string): Promise<string | null> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW).catch(() => null)
  if (handle === null) return null
  try {
    const found = await handle.stat()
    if (!found.isFile() || found.size > MOST_BYTES) return null
    const bytes = await handle.readFile()
    return bytes.includes(0) ? null : bytes.toString('utf8').replace(/^\ufeff/, '')
  } finally {
    await handle.close()
  }
}

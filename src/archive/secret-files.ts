import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { shownPath } from './tree-path.ts'
import type { TreeRequest } from './tree.ts'
import { treeEntries } from './tree.ts'

const ENVIRONMENT = /^\.env(?:rc|\..+)?$|^[^.].*\.env$/
/** Kept whatever they hold: they are made to be shared. */
const TEMPLATE = /\.(?:example|sample|template|dist)(?:\.|$)/
const ASSIGNED = /^[ \t]*(?:export[ \t]+)?[A-Za-z_][\w.]*[ \t]*[=:][ \t]*(?!["']{2}[ \t]*(?:#|$)|#)\S/m
const MOST_BYTES = 1 << 20

/**
 * The environment files of a tree that hold values, which no archive takes unless it is encrypted: paths relative to the root,
 * to be left out and named. `.env.example` and other templates, and files without a value, are not among them.
 */
export async function secretFiles(request: Omit<TreeRequest, 'to'>): Promise<string[]> {
  const found: string[] = []
  for await (const { path, facts } of treeEntries({ ...request, to: request.root }, request.root)) {
    const shown = shownPath(path)
    if (facts.kind === 'file' && (await isSecret(request.root, shown))) found.push(shown)
  }
  return found
}

/** Whether a file below a root is one of them. */
export async function isSecret(root: string, path: string): Promise<boolean> {
  return isEnvironmentFile(path) && (await holdsValues(join(root, path)))
}

/** A path as a pattern of `exclude` that leaves out nothing else. */
export function exactly(path: string): string {
  return `/${path}`
}

function isEnvironmentFile(path: string): boolean {
  const name = basename(path)
  return ENVIRONMENT.test(name) && !TEMPLATE.test(name)
}

/** What cannot be read, or is too large to look through, counts as holding some. */
async function holdsValues(path: string): Promise<boolean> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => null)
  if (handle === null) return true
  try {
    const { size } = await handle.stat()
    return size > MOST_BYTES || ASSIGNED.test((await handle.readFile()).toString('latin1'))
  } finally {
    await handle.close()
  }
}

import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { posix } from 'node:path'
import { joinPath, pathFrom, systemPath } from './tree-path.ts'
import type { TreeRequest } from './tree.ts'
import { treeEntries } from './tree.ts'

const ENVIRONMENT = /^\.env(?:rc|\..+)?$|^[^.].*\.env$/
/** Kept whatever they hold: they are made to be shared. */
const TEMPLATE = /\.(?:example|sample|template|dist)(?:\.|$)/
const ASSIGNED = /^[ \t]*(?:export[ \t]+)?[A-Za-z_][\w.]*[ \t]*[=:][ \t]*(?!["']{2}[ \t]*(?:#|$)|#)\S/m
const MOST_BYTES = 1 << 20

/**
 * The environment files of a tree that hold values, which no archive takes unless it is encrypted: paths relative to the root, as in
 * `tree-path.ts`, to be left out and named. `.env.example` and other templates, and files without a value, are not among them.
 */
export async function secretFiles(request: Omit<TreeRequest, 'to'>): Promise<string[]> {
  return (await weighed(request)).secret
}

/** The same, and how many bytes of content there are in all. */
export async function weighed(request: Omit<TreeRequest, 'to'>): Promise<{ secret: string[]; bytes: number }> {
  const secret: string[] = []
  const root = pathFrom(request.root)
  let bytes = 0
  for await (const { path, facts } of treeEntries({ ...request, to: request.root }, request.root)) {
    if (facts.kind !== 'file') continue
    bytes += facts.size
    if (await isSecret(root, path)) secret.push(path)
  }
  return { secret, bytes }
}

/** Whether a file below a root is one of them; both are as in `tree-path.ts`. */
export async function isSecret(root: string, path: string): Promise<boolean> {
  return isEnvironmentFile(path) && (await holdsValues(joinPath(root, path)))
}

function isEnvironmentFile(path: string): boolean {
  const name = posix.basename(path)
  return ENVIRONMENT.test(name) && !TEMPLATE.test(name)
}

/** What cannot be read, or is too large to look through, counts as holding some. */
async function holdsValues(path: string): Promise<boolean> {
  const handle = await open(systemPath(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => null,
  )
  if (handle === null) return true
  try {
    const { size } = await handle.stat()
    return size > MOST_BYTES || ASSIGNED.test((await handle.readFile()).toString('latin1'))
  } finally {
    await handle.close()
  }
}

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PROJECT_FILE, readProject } from '../core/baseline.ts'
import type { Project } from '../core/project.ts'
import { readText } from '../world/files.ts'

/** The folder baselines are in where no configuration says otherwise. */
const DIR = 'immaculate'

/**
 * The configuration that a baseline carries, for a clone whose own is broken or gone: the named one's, else the newest by its
 * recorded time. Null where there is none.
 */
export async function projectOfBaseline(
  root: string,
  name: string | null,
): Promise<{ from: string; project: Project } | null> {
  const found = await readdir(join(root, DIR), { withFileTypes: true }).catch(() => [])
  const names = found
    .filter((entry) => entry.isDirectory() && (name === null || entry.name === name))
    .map((entry) => entry.name)
  const read = await Promise.all(names.map((from) => one(root, from)))
  return read.filter((each) => each !== null).toSorted((a, b) => b.at.localeCompare(a.at))[0] ?? null
}

async function one(root: string, from: string): Promise<{ from: string; at: string; project: Project } | null> {
  const [text, record] = await Promise.all(
    [PROJECT_FILE, 'backup.json'].map((file) => readText(join(root, DIR, from, file)).catch(() => null)),
  )
  const project = readProject(text ?? '', root)
  const at = /"at": "([^"]+)"/.exec(record ?? '')?.[1] ?? ''
  return project === null ? null : { from, at, project }
}

import { basename, dirname, join } from 'node:path'

/** What stands beside a path by the name of a run: what it put there, or what it kept. */
export function named(path: string, what: 'knowngood' | 'before', run: string): string {
  return join(dirname(path), `${basename(path)}.${what}-${run}`)
}

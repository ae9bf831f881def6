import { posix } from 'node:path'

/** Hops beyond which no system follows links: Linux gives up after 40. */
const MOST_HOPS = 40

/**
 * Those links of a tree that lead out of it, followed through its other links; by their paths. `links` says where each leads; a ring leads nowhere,
 * which is not outside.
 */
export function linksOut(links: ReadonlyMap<string, string>): string[] {
  return [...links].filter(([path, target]) => !staysInside(path, target, links)).map(([path]) => path)
}

/** Of a link that is still being followed, another time, nothing more comes: it counts as a name like any other. */
function staysInside(path: string, target: string, links: ReadonlyMap<string, string>): boolean {
  if (target === '' || target.startsWith('/') || target.includes('\0')) return false
  const at = partsOf(posix.dirname(path))
  const following = [path]
  // What is left to go; null ends the link that was begun last.
  const todo: (string | null)[] = [...partsOf(target), null]
  let hops = 0
  for (let part = todo.shift(); part !== undefined; part = todo.shift()) {
    if (part === null) {
      following.pop()
      continue
    }
    if (part === '..') {
      if (at.pop() === undefined) return false
      continue
    }
    at.push(part)
    const here = at.join('/')
    const next = links.get(here)
    if (next === undefined || following.includes(here)) continue
    if ((hops += 1) > MOST_HOPS || next.startsWith('/')) return false
    at.pop()
    following.push(here)
    todo.unshift(...partsOf(next), null)
  }
  return true
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.')
}

import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Clock } from './clock.ts'
import type { Payload } from './pack-job.ts'

/**
 * What is remembered of a file in an archive. `key` and `opened` (ms) are what its stat was and when it was opened, `at` is where its
 * packed bytes begin; `content` names its content where that is known otherwise (a git blob).
 */
export type IndexRow = Payload & { key: string; opened: number; at: number; content: string | null }

/**
 * An archive's index: a cache, needed by nothing but the next archive. Rows by path, as bytes, one character each. `archive` is the SHA-256 of the
 * archive it belongs to. `turn` counts the archives made one from the other.
 */
export type ZipIndex = { archive: string; bytes: number; turn: number; clock: Clock; rows: Map<string, IndexRow> }

type Head = { v: 1; sum: string; archive: string; bytes: number; turn: number; clock: Clock }
type Line = [string, string, number, number, string | null, 0 | 8, number, number, number, string]

/** Lines of JSON: the head, then a row each. The head holds the SHA-256 of the rows. */
export function indexText({ rows, ...head }: ZipIndex): string {
  const lines: string[] = []
  for (const [name, row] of rows) {
    const { key, opened, at, content, method, crc, packed, size, sha256 } = row
    lines.push(JSON.stringify([name, key, opened, at, content, method, crc, packed, size, sha256] satisfies Line))
  }
  const body = lines.join('\n')
  return `${JSON.stringify({ v: 1, sum: hash('sha256', body), ...head } satisfies Head)}\n${body}`
}

/** Null when there is none, when it is damaged, or when it is another version's. */
export async function readIndex(path: string): Promise<ZipIndex | null> {
  try {
    const text = await readFile(path, 'utf8')
    const end = text.indexOf('\n')
    const { v, sum, ...head } = JSON.parse(text.slice(0, end)) as Head
    const body = text.slice(end + 1)
    if (v !== 1 || hash('sha256', body) !== sum) return null
    const rows = new Map<string, IndexRow>()
    for (const line of body === '' ? [] : (JSON.parse(`[${body.replaceAll('\n', ',')}]`) as Line[])) {
      const [name, key, opened, at, content, method, crc, packed, size, sha256] = line
      rows.set(name, { key, opened, at, content, method, crc, packed, size, sha256 })
    }
    return { ...head, rows }
  } catch {
    return null
  }
}

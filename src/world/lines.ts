import { StringDecoder } from 'node:string_decoder'

const HELD = 64 * 1024
const KEPT = 4096

/**
 * Whole lines out of chunks. A line without an end is handed on in pieces, so that memory stays bounded. `onUnfinished` sees
 * what has come of a line so far, nothing masked.
 */
export function lineSplitter(
  onLine: (line: string) => void,
  onUnfinished?: (text: string) => void,
): { push(chunk: Buffer): void; end(): void } {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  const take = (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line.endsWith('\r') ? line.slice(0, -1) : line)
    while (rest.length > HELD) {
      onLine(rest.slice(0, HELD))
      rest = rest.slice(HELD)
    }
    if (rest !== '') onUnfinished?.(rest)
  }
  return {
    push: (chunk) => take(decoder.write(chunk)),
    end: () => {
      take(decoder.end())
      if (rest !== '') onLine(rest)
      rest = ''
    },
  }
}

/** At most 4 KB of a line, ending in `…` when something was left out. */
export function cutLine(line: string): string {
  if (line.length <= KEPT / 4) return line
  if (Buffer.byteLength(line) <= KEPT) return line
  return `${Buffer.from(line)
    .subarray(0, KEPT - 8)
    .toString('utf8')
    .replace(/\ufffd+$/, '')}…`
}

/** The last `limit` lines pushed. Drops in blocks: shifting one by one costs more than the child's output. */
export function tail(limit: number): { push(line: string): void; lines(): string[] } {
  let kept: string[] = []
  return {
    push: (line) => {
      kept.push(line)
      if (kept.length > limit * 4) kept = kept.slice(-limit)
    },
    lines: () => kept.slice(-limit),
  }
}

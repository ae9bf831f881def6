import { StepFailed } from '../core/failure.ts'
import { clean } from '../core/text.ts'

/** The list in a folder of what it holds. */
export const CHECKSUMS = 'CHECKSUM.sha256'

/** One line of a checksum list; `path` is relative, with `/` between its parts. */
export type ChecksumLine = { sha256: string; path: string }

const LINE = /^(\\?)([0-9a-f]{64}) [ *](.+)$/s
const ESCAPES: Record<string, string> = { '\\': '\\', n: '\n', r: '\r' }

/**
 * The text of a list as GNU `sha256sum` writes and `sha256sum -c` reads it, in the order of the paths. A path with a backslash or a line break is escaped, and its line
 * begins with a backslash, as there. Throws for a path that leads out or is no valid text.
 */
export function formatChecksums(lines: readonly ChecksumLine[]): string {
  const sorted = lines.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  return sorted
    .map(({ sha256, path }) => {
      const flaw = pathFlaw(path)
      if (flaw !== null || !path.isWellFormed())
        throw new StepFailed('checksums', `${clean(path)} ${flaw ?? 'is no valid text'}`)
      const escaped = path.replaceAll(/[\\\n\r]/g, (odd) => ({ '\\': '\\\\', '\n': '\\n', '\r': '\\r' })[odd] ?? odd)
      return `${escaped === path ? '' : '\\'}${sha256}  ${escaped}\n`
    })
    .join('')
}

/**
 * Reads a list made by `formatChecksums` or `sha256sum`. Fails closed: an empty list, a malformed line, a path that leads out or stands there
 * twice, and a last line that was cut off all throw, naming the line.
 */
export function parseChecksums(text: string, what = 'the checksum list'): ChecksumLine[] {
  if (text === '') throw new StepFailed('checksums', `${clean(what)} is empty`)
  if (!text.endsWith('\n')) throw new StepFailed('checksums', `${clean(what)} is cut off in its last line`)
  const seen = new Set<string>()
  return text
    .slice(0, -1)
    .split('\n')
    .map((line, index) => {
      const parsed = parseLine(line)
      const flaw =
        parsed === null ? 'is malformed' : seen.has(parsed.path) ? 'names a file twice' : pathFlaw(parsed.path)
      if (parsed === null || flaw !== null)
        throw new StepFailed(
          'checksums',
          `${clean(what)}: line ${index + 1} ${flaw ?? 'is malformed'}: ${clean(line.slice(0, 200))}`,
        )
      seen.add(parsed.path)
      return parsed
    })
}

function parseLine(line: string): ChecksumLine | null {
  const [, mark, sha256, name] = LINE.exec(line) ?? []
  if (sha256 === undefined || name === undefined) return null
  if (mark === '') return { sha256, path: name }
  if (/\\(?![\\nr])/.test(name.replaceAll('\\\\', ''))) return null
  return { sha256, path: name.replaceAll(/\\([\\nr])/g, (_, letter: string) => ESCAPES[letter] ?? '') }
}

function pathFlaw(path: string): string | null {
  if (path === '' || path.includes('\0')) return 'names no file'
  if (path.startsWith('/')) return 'names an absolute path'
  return path.split('/').some((part) => ['', '.', '..'].includes(part)) ? 'names a path that leads out' : null
}

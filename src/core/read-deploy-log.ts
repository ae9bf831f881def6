import type { DeployLogEntry } from './facts.ts'
import { plainText } from './markdown.ts'
import { clean } from './text.ts'

type Fields = Map<string, string>

const TAG = /\bprod-\d{4}-\d\d-\d\d(?:-\d+)?\b/
const HASH = /\b[0-9a-f]{7,64}\b/i
const NOTHING = /^(?:none|unknown|n\/?a|-|–|tbd)$/i

/** The date in a log's file name ("2025-11-18", "20251118"), or null: such a file is no deploy log. */
export function logDate(file: string): string | null {
  const found = /(?:^|[^\d])(20\d\d)-?([01]\d)-?([0-3]\d)(?=[^\d]|$)/.exec(file)
  return found ? `${found[1]}-${found[2]}-${found[3]}` : null
}

/**
 * What a log says, ours or one written by hand: "Key: value" lines in any emphasis, table rows, and the sentence
 * "Production tag recorded: `prod-…` @ commit `…`". What it does not say is null. Text is safe to show.
 */
export function readDeployLog(file: string, text: string): DeployLogEntry {
  const lines = text.split(/\r?\n/).map((line) => clean(plainText(line)))
  const fields = fieldsOf(lines)
  const date = logDate(file) ?? ''
  const slug = file.replace(/\.md$/i, '').replace(/^.*?20\d\d-?\d\d-?\d\d[_-]?/, '')
  const heading = /^#\s+(.+)$/m.exec(text)?.[1]
  const recorded = lines.find((line) => /tag recorded/i.test(line)) ?? ''
  const of = (...names: string[]): string | null => pick(fields, names)
  const tagLine = of('tag', 'production tag', 'prod tag', 'git tag', 'release tag', 'tag created') ?? ''
  const commitLine = of('commit', 'commit sha', 'sha', 'git commit', 'git sha', 'deployed commit', 'head') ?? ''
  return {
    file,
    date,
    at: timeOf(
      of(
        'deploy timestamp (utc)',
        'deploy timestamp',
        'timestamp',
        'timestamp (utc)',
        'deployed at',
        'time',
        'time (utc)',
        'date',
      ),
    ),
    slug,
    title: heading === undefined ? slug.replaceAll(/[-_]+/g, ' ') : clean(plainText(heading)),
    tag: TAG.exec(recorded)?.[0] ?? TAG.exec(tagLine)?.[0] ?? (ownTag(lines) || null),
    commit: hashOf(/commit\s+([0-9a-f]{7,64})/i.exec(recorded)?.[1] ?? commitLine) ?? hashOf(commitIn(lines)),
    buildId: word(of('build_id', 'build id', 'live build_id', 'buildid')) ?? buildIdIn(text),
    version: word(of('version', 'release version')),
    type: word(of('type', 'deployment type', 'release type')),
    operator:
      word(of('initiator', 'operator', 'deployed by', 'release manager', 'owner', 'author', 'by'))?.replace(
        /(?<=.)@.*$/,
        '',
      ) ?? null,
    outcome: of('outcome', 'status', 'result'),
    run: word(of('run')),
    rollbackTarget: word(of('rollback target', 'rollback', 'rollback tag', 'previous tag', 'previous prod tag')),
    backup: word(of('backup', 'site snapshot', 'site backup', 'snapshot', 'backup file')),
  }
}

/** Newest first; logs of one day by their time, else by name ("x-2" was written after "x"). */
export function byNewest(a: DeployLogEntry, b: DeployLogEntry): number {
  // Dates compare as they are written; a collation would first have to be loaded.
  if (a.date !== b.date) return a.date < b.date ? 1 : -1
  if (a.at !== b.at) return (a.at ?? '') < (b.at ?? '') ? 1 : -1
  return bare(a) < bare(b) ? 1 : -1
}

function bare(entry: DeployLogEntry): string {
  return entry.file.replace(/\.md$/i, '')
}

function word(value: string | null): string | null {
  return value?.split(/[\s,;(]/)[0]?.replace(/[.:]+$/, '') || null
}

function fieldsOf(lines: string[]): Fields {
  const fields: Fields = new Map()
  for (const line of lines) {
    const found = /^\|?\s*([A-Za-z][A-Za-z _/()-]{0,40}?)\s*[:|]\s*(\S.*?)\s*\|?$/.exec(line)
    const key = found?.[1]?.toLowerCase()
    if (found?.[2] !== undefined && key !== undefined && !fields.has(key)) fields.set(key, found[2])
  }
  return fields
}

function pick(fields: Fields, names: string[]): string | null {
  const value = names.map((name) => fields.get(name)).find((found) => found !== undefined && !NOTHING.test(found))
  return value ?? null
}

/** A prod tag in a sentence, unless the sentence speaks of another release. */
function ownTag(lines: string[]): string {
  const line = lines.find(
    (text) => TAG.test(text) && /\b(?:tag|tagged|released)\b/i.test(text) && !/roll|previous|baseline/i.test(text),
  )
  return TAG.exec(line ?? '')?.[0] ?? ''
}

function commitIn(lines: string[]): string {
  const line = lines.find((text) => /\bcommit\b/i.test(text) && !/roll|previous/i.test(text) && HASH.test(text)) ?? ''
  return /commit\D{0,12}?([0-9a-f]{7,64})\b/i.exec(line)?.[1] ?? ''
}

function hashOf(text: string): string | null {
  const found = HASH.exec(text)?.[0]
  // A word such as "defaced" or a date is no commit: a hash has a digit, and a letter unless it is whole.
  if (found === undefined || !/\d/.test(found) || (!/[a-f]/i.test(found) && found.length < 40)) return null
  return found.toLowerCase()
}

function buildIdIn(text: string): string | null {
  const found = /BUILD_ID[\s:=`*]{1,6}([A-Za-z0-9][\w.-]{5,80})/.exec(text)?.[1]
  return found !== undefined && /\d/.test(found) ? found : null
}

function timeOf(text: string | null): string | null {
  const found = /(\d{4}-\d\d-\d\d)[T ]+(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(Z|UTC|[+-]\d\d:?\d\d)?/.exec(text ?? '')
  if (!found) return null
  const zone = found[3] === undefined || found[3] === 'UTC' ? 'Z' : found[3]
  const time = Date.parse(`${found[1]}T${found[2]}${zone}`)
  return Number.isNaN(time) ? null : new Date(time).toISOString()
}

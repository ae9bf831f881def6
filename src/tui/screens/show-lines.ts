import { age, duration, moment, size as bytes } from '../../core/age.ts'
import type { ListedBackup, Part, Proof } from '../../core/backup.ts'
import { width, wrap } from '../../core/text.ts'
import { empty, fit, line, muted, pad, strong, type Line } from '../line.ts'
import type { SeenDetail } from '../use-backup.ts'
import { bad, good, open, sentence, shortOid, sinceThen, stateLine, warn } from '../words.ts'

type Drawing = { now: Date; failed: ReadonlyMap<string, string>; columns: number; manifest: boolean }

/** Everything that is known of one backup: what it is, what was proven of it, what a restore of it does, why it stays. */
export function detailLines(backup: ListedBackup, seen: SeenDetail, drawing: Drawing): Line[] {
  const { now, columns } = drawing
  const detail = seen.detail
  const failed = drawing.failed.get(backup.commit ?? '')
  const reading = seen.failed === null ? [muted('checking…')] : said(seen.failed, columns, (text) => warn(text))
  return [
    ...wrap(backup.id, columns).map(strong),
    ...facts(backup, drawing),
    ...(failed === undefined
      ? []
      : said(`The release of its commit ${failed}: it was never proven live.`, columns, (text) => warn(text))),
    ...(backup.doubts ?? []).flatMap((doubt) => said(sentence(doubt), columns, (text) => warn(text))),
    ...(backup.state === 'ok' ? [] : said(sentence(backup.because ?? 'not usable'), columns, (text) => bad(text))),
    ...(backup.kind === 'quick'
      ? []
      : block('A restore', detail === null ? reading : restoreLines(backup, detail.restores, drawing))),
    ...block('Proofs', detail === null ? reading : proofLines(detail.proofs, columns, now)),
    ...block('Kept', detail === null ? reading : staysLines(detail.stays, columns)),
    ...block(
      'Parts',
      backup.parts.flatMap((part) => partLines(part, columns)),
    ),
    ...block(
      'Left out',
      (backup.leftOut ?? []).flatMap((text) => said(text, columns, (first) => open(first))),
    ),
    ...block('File', [
      ...wrap(backup.path, columns).map((text) => line(text)),
      ...wrap(`sha256 ${backup.digest}`, columns).map((text) => muted(text)),
    ]),
    ...(drawing.manifest ? manifestLines(detail?.manifest ?? null, columns) : []),
  ]
}

/** Its MANIFEST.md, as it stands in the folder; nothing where there is none. */
export function manifestLines(manifest: readonly string[] | null, columns: number): Line[] {
  return manifest === null
    ? []
    : block(
        'MANIFEST.md',
        manifest.flatMap((text) => folded(text, columns)),
      )
}

/** A line as it was written; a longer one is broken, and goes on further in. */
function folded(text: string, columns: number): Line[] {
  if (width(text) <= columns) return [line(text)]
  return wrap(text, columns - 2).map((each, index) => line(index === 0 ? each : `  ${each}`))
}

function facts(backup: ListedBackup, { now, columns }: Drawing): Line[] {
  const { at, operator, notes, schemaRevision, commit, commitSubject, ms } = backup
  const made = `${moment(at, now)}, ${age(at, now)}${operator === null ? '' : ` by ${operator}`}`
  const took = ms === undefined ? '' : `, took ${duration(ms)}`
  const from = backup.origin === 'found' ? ', from before Knowngood' : ''
  return [
    ...pair('Kind', line(`${backup.kind}${from}`)),
    ...pair('Proof', backup.state === 'ok' ? stateLine(backup, columns - LABEL) : bad(backup.state)),
    ...wrapped('Made', made + took, columns),
    ...wrapped('Size', backup.bytes === 0 ? 'no data' : bytes(backup.bytes), columns),
    ...wrapped('Commit', commit === null ? '' : `${shortOid(commit)}  ${commitSubject ?? ''}`, columns),
    ...wrapped('Schema', schemaRevision ?? '', columns),
    ...wrapped('Notes', notes ?? '', columns),
  ]
}

const LABEL = 9
const pair = (name: string, value: Line): Line[] => [line(pad(muted(name), LABEL), value)]

function wrapped(name: string, value: string, columns: number): Line[] {
  if (value.trim() === '') return []
  return wrap(value.trim(), columns - LABEL).map((text, index) =>
    line(pad(muted(index === 0 ? name : ''), LABEL), text),
  )
}

function block(title: string, lines: readonly Line[]): Line[] {
  return lines.length === 0 ? [] : [empty, muted(title), ...lines]
}

/** A sentence over several lines, its glyph on the first. */
function said(text: string, columns: number, first: (text: string) => Line): Line[] {
  return wrap(text, columns - 2).map((each, index) => (index === 0 ? first(each) : line(`  ${each}`)))
}

function partLines(part: Part, columns: number): Line[] {
  const counted = part.counts === undefined ? '' : `, ${countWords(part.use, part.counts)}`
  const unsettled = part.unsettled.length === 0 ? [] : [warn(`  ${part.unsettled.length} changed while it was read`)]
  return [
    fit(line(pad(line(part.source), 12), ` ${bytes(part.bytes)}${counted}  `, muted(part.path)), columns),
    ...unsettled,
  ]
}

/** What a part's counts are of, by what it was taken with; others name what they counted themselves. */
const COUNTED: Readonly<Record<string, string>> = { postgres: 'row', sqlite: 'row', convex: 'document', redis: 'key' }

function countWords(use: string, counts: Readonly<Record<string, number>>): string {
  const one = COUNTED[use]
  if (one === undefined)
    return Object.entries(counts)
      .slice(0, 3)
      .map(([name, number]) => `${number.toLocaleString('en')} ${name}`)
      .join(', ')
  const sum = Object.values(counts).reduce((total, each) => total + each, 0)
  return `${sum.toLocaleString('en')} ${one}${sum === 1 ? '' : 's'}`
}

/** The newest ones, newest first. */
function proofLines(proofs: readonly Proof[], columns: number, now: Date): Line[] {
  if (proofs.length === 0) return [open('nothing was proven yet; v reads it')]
  const newest = proofs.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))
  const lines = newest.slice(0, MOST_PROOFS).map((proof) => {
    const part = proof.part === '*' ? '' : `  ${proof.part}`
    const when = `${moment(proof.at, now)}, ${age(proof.at, now)}`
    const says = `${proof.rung.padEnd(8)}  ${when}${part}`
    return fit(proof.passed ? good(says) : bad(`${says}: ${proof.because ?? 'failed'}`), columns)
  })
  return newest.length > MOST_PROOFS ? [...lines, muted(`${newest.length - MOST_PROOFS} more`)] : lines
}

const MOST_PROOFS = 8

function restoreLines(
  backup: ListedBackup,
  restores: readonly { source: string; can: boolean; why: string }[],
  { now, columns }: Drawing,
): Line[] {
  if (restores.length === 0) return [open('it holds nothing that a restore puts back')]
  return [
    ...restores.flatMap(({ source, can, why }) =>
      said(`${source}: ${why}`, columns, (text) => (can ? good(text) : open(text))),
    ),
    ...(restores.some(({ can }) => can)
      ? said(`loses what was written there since ${sinceThen(backup.at, now)}`, columns, (text) => warn(text))
      : []),
  ]
}

function staysLines(stays: string | null, columns: number): Line[] {
  return stays === null ? [open('may be pruned or deleted')] : said(`it stays: ${stays}`, columns, (text) => good(text))
}

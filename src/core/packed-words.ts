import { count } from './next-actions.ts'
import { inShort } from './text.ts'

/** What packing a tree found: members of the backup it copied from that are not what was written, and files that moved under it. */
export type PackedDoubts = { damaged: Rotten | null; suspect: readonly string[]; unsettled: readonly string[] }
export type Rotten = { id: string; files: readonly string[] }

const NAMED = 3

/** A line for each kind of them; each names some, and counts all. */
export function packedWords({ damaged, suspect, unsettled }: PackedDoubts): string[] {
  return [
    ...(damaged === null ? [] : [damagedWords(damaged)]),
    ...(suspect.length === 0 ? [] : [`${changed(suspect)}, and ${its(suspect)} times did not: ${someOf(suspect)}`]),
    ...(unsettled.length === 0
      ? []
      : [
          `${changed(unsettled)} or went away while ${unsettled.length === 1 ? 'it was' : 'they were'} read: ${someOf(unsettled)}`,
        ]),
  ]
}

function changed(files: readonly string[]): string {
  return `${count(files.length, 'file')} changed`
}

function its(files: readonly string[]): string {
  return files.length === 1 ? 'its' : 'their'
}

/** An earlier backup that counts as damaged from now on, and what of it is rotten. */
export function damagedWords({ id, files }: Rotten): string {
  const are = files.length === 1 ? 'is' : 'are'
  return `${id} counts as damaged: ${count(files.length, 'file')} in it ${are} not what was written: ${someOf(files)}`
}

/** The first of some names, and how many more there are. */
export function someOf(names: readonly string[]): string {
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : ''
  return `${names
    .slice(0, NAMED)
    .map((name) => inShort(name))
    .join(', ')}${more}`
}

import { age } from '../../core/age.ts'
import { baselinesOf } from '../../core/baseline.ts'
import type { BrokenConfig, DeckFacts } from '../../core/deck.ts'
import { valueOr } from '../../core/known.ts'
import { nextActions, type NextAction } from '../../core/next-actions.ts'
import { wrap } from '../../core/text.ts'
import { empty, firstFit, line, muted, pad, strong, t, widthOf, type Line } from '../line.ts'
import { glyph } from '../theme.ts'
import { bad, sentence } from '../words.ts'

/** What can still be done: a run that stopped is settled as ever, and the glass can be broken. */
export type Way = {
  id: 'settle' | 'watch' | 'glass' | 'lines' | 'again'
  key: string
  title: string
  /** Wordings of why, the longest first. */
  why: readonly string[]
  run: string | null
}

export function waysOut(broken: BrokenConfig, { facts }: DeckFacts): Way[] {
  const now = new Date(facts.at)
  const runs = nextActions(facts, now).flatMap((each): Way[] =>
    isOfRun(each) ? [{ id: each.id, key: each.key, title: each.title, why: [each.why], run: each.run }] : [],
  )
  const { from } = broken
  const baseline = baselinesOf(valueOr(facts.backups, [])).find(({ id }) => id === from)
  const made = baseline === undefined ? '' : `, ${age(baseline.at, now)}`
  const glass =
    from === null
      ? ['no baseline carries a configuration of its own', 'no baseline carries one']
      : [
          `from ${from}${made}, by the configuration it carries`,
          `from ${from}${made}, by what it carries`,
          `from ${from}`,
        ]
  return [
    ...runs,
    { id: 'glass', key: 'ctrl-g', title: 'Break glass', why: glass, run: null },
    ...(hasLines(broken)
      ? [{ id: 'lines' as const, key: 'e', title: 'See the lines', why: ['the file, where it is wrong'], run: null }]
      : []),
    {
      id: 'again',
      key: 'R',
      title: 'Look again',
      why: ['opens the dashboard once this is mended', 'opens the dashboard once mended'],
      run: null,
    },
  ]
}

/** Whether what is wrong stands in a line of the file. */
export function hasLines({ problems }: BrokenConfig): boolean {
  return problems.some((text) => /^line \d+: /.test(text))
}

function isOfRun(action: NextAction): action is NextAction & { id: 'settle' | 'watch' } {
  return action.id === 'settle' || action.id === 'watch'
}

type Look = { broken: BrokenConfig; ways: readonly Way[]; index: number; columns: number; room: number }

/** What is wrong, what that means, and what can be done; the problems get whatever room the rest leaves. */
export function brokenRows({ broken, ways, index, columns, room }: Look): Line[] {
  const wide = columns - 6
  const means = wrap(
    'Production does not depend on it. Until it is mended, nothing can be backed up or released from here.',
    columns - 4,
  )
  const shell = firstFit(
    [
      muted('  In a shell: knowngood doctor checks the rest; knowngood emergency breaks glass too.'),
      muted('  In a shell: knowngood doctor checks the rest.'),
    ],
    columns - 1,
  )
  const said = [...broken.problems.map(sentence), ...broken.next]
  const problems = said.map((text) => wrap(text, wide))
  const titles = Math.max(...ways.map((way) => way.title.length))
  const must = 3 + ways.length
  const roomy = room >= must + means.length + 6 + Math.min(2, problems.length)
  const gap = roomy ? [empty] : []
  const rest = room - must - (roomy ? means.length + 6 : 0)
  return [
    ...gap,
    line('  ', bad(broken.what)),
    ...gap,
    ...problemRows(problems, Math.max(1, rest)),
    ...gap,
    ...(roomy ? means.map((text) => line('  ', text)) : []),
    ...gap,
    strong('  What can be done'),
    ...ways.map((way, at) => wayRow(way, { selected: at === index, titles, columns })),
    ...gap,
    ...(roomy ? [shell] : []),
  ]
}

/** As many as fit; the last row says how many do not. */
function problemRows(problems: readonly (readonly string[])[], room: number): Line[] {
  const all = problems.flat().map((text) => line('    ', text))
  if (all.length <= room) return all
  const shown: Line[] = []
  let left = problems.length
  for (const rows of problems) {
    if (shown.length + rows.length > room - 1) break
    shown.push(...rows.map((text) => line('    ', text)))
    left -= 1
  }
  return [...shown, muted(`    … and ${left} more; e shows ${left === 1 ? 'it' : 'them'}`)]
}

function wayRow(
  { key, title, why }: Way,
  { selected, titles, columns }: { selected: boolean; titles: number; columns: number },
): Line {
  const pointer = selected ? t(`${glyph.pointer} `, 'key') : line('  ')
  const head = line(pointer, pad(t(key, 'key'), 8), pad(line(title), titles), '  ')
  const wordings = why.map((text) => line(text))
  return line(head, firstFit(wordings, columns - 1 - widthOf(head)))
}

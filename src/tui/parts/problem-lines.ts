import { wrap } from '../../core/text.ts'
import { empty, line, t, type Line } from '../line.ts'
import type { Problem } from '../nav.ts'
import { sentence } from '../words.ts'

/** What failed, what it means, what to do; `bold` where it is all there is to read. */
export function problemLines({ what, why, next }: Omit<Problem, 'place'>, columns: number, bold: boolean): Line[] {
  const text = (says: string): Line[] => wrap(says, columns).map((each) => line(each))
  return [
    ...wrap(sentence(what), columns).map((each) => t(each, 'danger', bold)),
    ...(why === '' ? [] : text(`${sentence(why)}${/[.!?]$/.test(why) ? '' : '.'}`)),
    ...(bold && next.length > 0 ? [empty] : []),
    ...next.flatMap((each) => text(sentence(each))),
  ]
}

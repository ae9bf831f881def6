import { wrap } from '../../core/text.ts'
import { line, muted, t, type Line } from '../line.ts'
import { glyph } from '../theme.ts'

export type Field = 'reason' | 'typed' | 'parts'

type Written = { reason: string; typed: string; name: string }

/** The first field that does not say what it must, and what is said about it; null when enter may start. */
export function mistakeOf({ reason, typed, name }: Written): { field: Exclude<Field, 'parts'>; says: string } | null {
  if (reason.trim() === '') return { field: 'reason', says: 'A reason is needed: it goes in the audit log.' }
  if (typed === name) return null
  return { field: 'typed', says: typed === '' ? `Type ${name}.` : `That says ${typed}; the name is ${name}.` }
}

/** The two fields, and what is wrong with what they say. */
export function formRows(form: Written & { field: Field; wrong: string }, columns: number): Line[] {
  const { reason, typed, name, field, wrong } = form
  const at = (own: Field) => (field === own ? t(`${glyph.pointer} `, 'key') : line('  '))
  const cursor = (own: Field) => (field === own ? '_' : '')
  const label = columns < 64 ? 'Reason' : 'Reason (goes in the audit log)'
  return [
    line(at('reason'), muted(label), '   ', tail(reason, columns - label.length - 7), cursor('reason')),
    line('  ', muted('Type'), `   ${name}   `, muted('to restore')),
    line(at('typed'), '     > ', tail(typed, columns - 12), cursor('typed')),
    ...wrap(wrong, columns - 4)
      .slice(0, 2)
      .flatMap((text) => (text === '' ? [] : [line('  ', t(text, 'danger'))])),
  ]
}

/** The end of what was written, when it is longer than its row. */
function tail(text: string, columns: number): string {
  return text.length <= columns ? text : `…${text.slice(text.length - columns + 1)}`
}

import { useState, type ReactNode } from 'react'
import { wrap } from '../../core/text.ts'
import { applyText, useKeys } from '../layers.ts'
import { empty, line, muted, t, type Line } from '../line.ts'
import type { FormField } from '../nav.ts'
import { boxed, placed } from '../parts/boxed.ts'
import { footer } from '../parts/footer.ts'
import { Page } from '../parts/page.tsx'
import { useSize, useStage } from '../stage.ts'

type Props = {
  title: string
  says: readonly string[]
  fields: readonly FormField[]
  submit: (values: Record<string, string>) => void
}

/** A reason, a path, a name that must match exactly. enter goes on to the next field and submits on the last. */
export function ConfirmForm({ title, says, fields, submit }: Props): ReactNode {
  const { go, situation } = useStage()
  const size = useSize()
  const columns = Math.min(size.columns - 4, 76)
  const [values, setValues] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(fields.map((each) => [each.id, each.initial ?? ''])),
  )
  const [at, setAt] = useState(0)
  const [wrong, setWrong] = useState('')
  const field = fields[at]
  const valueOf = (each: FormField): string => values[each.id] ?? ''

  const enter = (): void => {
    if (field === undefined) return
    const missing = fields.findIndex((each) => problem(each, valueOf(each)) !== null)
    if (problem(field, valueOf(field)) === null && at < fields.length - 1) return setAt(at + 1)
    const first = problem(field, valueOf(field)) === null ? missing : at
    const failed = fields[first]
    if (failed !== undefined) {
      setAt(first)
      return setWrong(problem(failed, valueOf(failed)) ?? '')
    }
    go({ do: 'over', overlay: null })
    submit(
      Object.fromEntries(
        fields.map((each) => [each.id, each.expects === undefined ? valueOf(each).trim() : valueOf(each)]),
      ),
    )
  }
  useKeys(
    {
      place: 'form',
      handlers: { open: enter, tab: () => setAt((at + 1) % fields.length) },
      write: (change) => {
        setWrong('')
        if (field) setValues((old) => ({ ...old, [field.id]: applyText(old[field.id] ?? '', change) }))
      },
    },
    { over: true, guard: true },
  )
  const inner = columns - 4
  const lines: Line[] = [
    ...says.filter((text) => text !== '').flatMap((text) => wrap(text, inner).map((each) => line(each))),
    ...(says.some((text) => text !== '') ? [empty] : []),
    ...fields.flatMap((each, index) => [
      ...(index > 0 ? [empty] : []),
      muted(each.label),
      line(t(index === at ? '> ' : '  ', 'key'), tail(valueOf(each), inner - 4), index === at ? '_' : ''),
    ]),
    ...(wrong === '' ? [] : [empty, ...wrap(wrong, inner).map((text) => t(text, 'danger'))]),
  ]
  const shown = lines.length <= size.body - 3 ? lines : lines.slice(lines.length - (size.body - 3))
  return (
    <Page
      over
      crumb={title}
      body={placed(boxed(title, shown, columns))}
      footer={footer({
        place: 'form',
        situation,
        columns: size.columns,
        lead: muted('nothing has changed'),
        labels: { back: 'leave', open: at < fields.length - 1 ? 'next field' : 'submit' },
        without: ['help', 'palette', 'copy', 'leave'],
      })}
    />
  )
}

/** The end of what was written, when it is longer than its row. */
function tail(text: string, columns: number): string {
  return text.length <= columns ? text : `…${text.slice(text.length - columns + 1)}`
}

function problem(field: FormField, value: string): string | null {
  if (field.expects !== undefined && value !== field.expects) {
    return value === '' ? `Type ${field.expects}.` : `That says ${value}; the name is ${field.expects}.`
  }
  return field.required && value.trim() === '' ? `${field.label.replace(/ \(.*\)$/, '')} is needed.` : null
}

import { useEffect, useRef, useState, type ReactNode } from 'react'
import { wrap } from '../../core/text.ts'
import { applyText, useKeys } from '../layers.ts'
import { empty, line, muted, t, type Line } from '../line.ts'
import type { Form, FormField, Problem } from '../nav.ts'
import { boxed, placed } from '../parts/boxed.ts'
import { footer } from '../parts/footer.ts'
import { Page } from '../parts/page.tsx'
import { problemLines } from '../parts/problem-lines.ts'
import { asProblem } from '../problem.ts'
import { useSize, useStage } from '../stage.ts'

type Props = Omit<Form, 'place'>

/** A reason, a path, a name that must match exactly. enter goes on to the next field and submits on the last. */
export function ConfirmForm({ title, says, fields, submit }: Props): ReactNode {
  const { go, situation } = useStage()
  const size = useSize()
  const columns = Math.min(size.columns - 4, 76)
  const [values, setValues] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(fields.map((each) => [each.id, each.initial ?? ''])),
  )
  const [at, setAt] = useState(0)
  const [wrong, setWrong] = useState<Omit<Problem, 'place'> | null>(null)
  const [busy, setBusy] = useState(false)
  const gone = useRef(false)
  useEffect(() => {
    gone.current = false
    return () => void (gone.current = true)
  }, [])
  const field = fields[at]
  const valueOf = (each: FormField): string => values[each.id] ?? ''

  const send = async (): Promise<void> => {
    setBusy(true)
    try {
      await submit(
        Object.fromEntries(
          fields.map((each) => [each.id, each.expects === undefined ? valueOf(each).trim() : valueOf(each)]),
        ),
      )
      if (!gone.current) go({ do: 'over', overlay: null })
    } catch (error) {
      const problem = asProblem(error)
      if (gone.current) go({ do: 'over', overlay: problem })
      else setWrong(problem)
    } finally {
      setBusy(false)
    }
  }
  const enter = (): void => {
    if (field === undefined || busy) return
    const missing = fields.findIndex((each) => flaw(each, valueOf(each)) !== null)
    if (flaw(field, valueOf(field)) === null && at < fields.length - 1) return setAt(at + 1)
    const first = flaw(field, valueOf(field)) === null ? missing : at
    const failed = fields[first]
    if (failed === undefined) return void send()
    setAt(first)
    setWrong({ what: flaw(failed, valueOf(failed)) ?? '', why: '', next: [] })
  }
  useKeys(
    {
      place: 'form',
      handlers: { open: enter, tab: () => setAt((at + 1) % fields.length) },
      write: (change) => {
        if (busy) return
        setWrong(null)
        if (field) setValues((old) => ({ ...old, [field.id]: applyText(old[field.id] ?? '', change) }))
      },
    },
    { over: true, guard: true },
  )
  const inner = columns - 4
  const said = says.filter((text) => text !== '').flatMap((text) => wrap(text, inner).map((each) => line(each)))
  const asked = fields.flatMap((each, index) => [
    ...(index > 0 ? [empty] : []),
    muted(each.label),
    line(t(index === at ? '> ' : '  ', 'key'), tail(valueOf(each), inner - 4), index === at ? '_' : ''),
    ...(index === at && busy ? [muted('  checking…')] : []),
    ...(index === at && wrong !== null ? problemLines(wrong, inner, false) : []),
  ])
  const shown = fitted(said, asked, size.body - 3)
  return (
    <Page
      over
      crumb={title}
      body={placed(boxed(title, shown, columns))}
      footer={footer({
        place: 'form',
        situation,
        columns: size.columns,
        lead: muted(busy ? '' : 'nothing has changed'),
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

/** What is asked, whole, below as much of what is said as there is room for. */
function fitted(said: readonly Line[], asked: readonly Line[], room: number): Line[] {
  if (asked.length > room) {
    const close = asked.filter((each) => each.length > 0)
    return close.slice(Math.max(0, close.length - room))
  }
  const free = room - asked.length - 1
  const told = said.length <= free ? said : [...said.slice(0, free - 1), muted('…')]
  return told.length === 0 || free < 1 ? [...asked] : [...told, empty, ...asked]
}

function flaw(field: FormField, value: string): string | null {
  if (field.expects !== undefined && value !== field.expects) {
    return value === '' ? `Type ${field.expects}.` : `That says ${value}; the name is ${field.expects}.`
  }
  return field.required && value.trim() === '' ? `${field.label.replace(/ \(.*\)$/, '')} is needed.` : null
}

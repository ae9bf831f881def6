import { useState } from 'react'
import { applyText, type Handlers, type TextChange } from './layers.ts'
import { useRemembered } from './stage.ts'

export type Filter = {
  text: string
  writing: boolean
  matches(text: string): boolean
  /** The list's title, with the filter behind it. */
  title(name: string): string
  handlers: Handlers
  write: ((change: TextChange) => void) | null
}

/** `/` writes a filter; enter keeps it, esc clears it. Words are found anywhere, whatever their case. */
export function useFilter(name: string): Filter {
  const [text, setText] = useRemembered(`filter ${name}`, '')
  const [writing, setWriting] = useState(false)
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const clear = (): void => {
    setWriting(false)
    setText(() => '')
  }
  return {
    text,
    writing,
    matches: (candidate) => words.every((word) => candidate.toLowerCase().includes(word)),
    title: (title) => (writing ? `${title} / ${text}_` : text === '' ? title : `${title} / ${text}`),
    handlers: {
      filter: () => setWriting(true),
      ...(writing ? { open: () => setWriting(false) } : {}),
      ...(writing || text !== '' ? { back: clear } : {}),
    },
    write: writing ? (change) => setText((old) => applyText(old, change)) : null,
  }
}

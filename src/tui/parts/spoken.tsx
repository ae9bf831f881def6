import { Static, Text } from 'ink'
import { useEffect, useRef, useState, type ReactNode } from 'react'

type Said = { id: number; text: string }

/** For screen readers: lines that are new since the last look are appended; nothing is ever repainted. */
export function Spoken({ lines }: { lines: readonly string[] }): ReactNode {
  const [said, setSaid] = useState<readonly Said[]>([])
  const before = useRef<ReadonlySet<string>>(new Set())
  const all = lines.join('\n')
  useEffect(() => {
    const now = all.split('\n').filter((text) => text !== '')
    const fresh = now.filter((text) => !before.current.has(comparable(text)))
    before.current = new Set(now.map(comparable))
    if (fresh.length > 0) setSaid((old) => [...old, ...fresh.map((text, index) => ({ id: old.length + index, text }))])
  }, [all])
  return <Static items={[...said]}>{(item) => <Text key={item.id}>{item.text}</Text>}</Static>
}

/** A counter that only ticks on is not said again. */
function comparable(text: string): string {
  return text.replace(/running .*$|[█░]+.*$/g, '').trim()
}

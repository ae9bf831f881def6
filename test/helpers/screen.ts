import { EventEmitter } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import xterm from '@xterm/headless'
import type { Deck } from '../../src/core/deck.ts'
import { width } from '../../src/core/text.ts'
import { runDeck, type DeckOptions } from '../../src/tui/app.tsx'

export type Screen = {
  /** The rows as they stand on the terminal, right ends trimmed. */
  rows(): string[]
  text(): string
  raw(): string
  /** Bytes written so far. */
  written(): number
  press(...keys: string[]): Promise<void>
  type(text: string): Promise<void>
  paste(text: string): Promise<void>
  resize(columns: number, rows: number): Promise<void>
  waitFor(text: string | RegExp): Promise<void>
  settle(): Promise<void>
  /** What was opened has settled, and takes keys from now on: time passes by this alone. */
  guarded(): Promise<void>
  /** Sends keys and waits for nothing. */
  send(data: string): void
  leave(): Promise<number>
  done: Promise<number>
}

const NAMED: Readonly<Record<string, string>> = {
  up: '\u001b[A',
  down: '\u001b[B',
  pageup: '\u001b[5~',
  pagedown: '\u001b[6~',
  home: '\u001b[H',
  end: '\u001b[F',
  enter: '\r',
  esc: '\u001b',
  tab: '\t',
  space: ' ',
  backspace: '\u007f',
  'ctrl-c': '\u0003',
  'ctrl-g': '\u0007',
  'ctrl-p': '\u0010',
}

/** How long the keys of a fresh review are ignored. */
const GUARD_MS = 300

/** The deck on a terminal of this size, driven by keys. `columns` and `rows` are set, so no program is asked for them. */
export function open(deck: Deck, columns: number, rows: number, options: Partial<DeckOptions> = {}): Screen {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true })
  let raw = ''
  const stdout = Object.assign(new EventEmitter(), {
    columns,
    rows,
    isTTY: true,
    writable: true,
    write(data: string, done?: () => void) {
      raw += data
      terminal.write(data, typeof done === 'function' ? done : undefined)
      return true
    },
  })
  let waiting: string[] = []
  const stdin = Object.assign(new EventEmitter(), {
    isTTY: true,
    setRawMode: () => stdin,
    setEncoding: () => stdin,
    ref: () => stdin,
    unref: () => stdin,
    read: () => waiting.shift() ?? null,
  })
  const send = (data: string): void => {
    waiting.push(data)
    stdin.emit('readable')
  }
  const time = { ms: 0 }
  const env = { TERM: 'xterm-256color', LANG: 'C.UTF-8' }
  const done = runDeck(deck, {
    env,
    clock: () => time.ms,
    ...options,
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
  })
  const screenRows = (): string[] => {
    const buffer = terminal.buffer.active
    return Array.from(
      { length: terminal.rows },
      (_, index) => buffer.getLine(buffer.baseY + index)?.translateToString(true) ?? '',
    )
  }
  const settle = async (): Promise<void> => {
    let before = -1
    // A spinner never rests: a second is enough for anything else.
    for (let tries = 0; tries < 9 && before !== raw.length; tries += 1) {
      before = raw.length
      await sleep(110)
    }
    await new Promise<void>((resolve) => terminal.write('', resolve))
  }
  return {
    rows: screenRows,
    text: () => screenRows().join('\n'),
    raw: () => raw,
    written: () => raw.length,
    async press(...keys) {
      for (const key of keys) {
        send(NAMED[key] ?? key)
        await sleep(key === 'esc' ? 50 : 15)
      }
      await settle()
    },
    async type(text) {
      for (const character of text) {
        send(character)
        await sleep(2)
      }
      await settle()
    },
    async paste(text) {
      send(`\u001b[200~${text}\u001b[201~`)
      await settle()
    },
    async resize(toColumns, toRows) {
      Object.assign(stdout, { columns: toColumns, rows: toRows })
      terminal.resize(toColumns, toRows)
      stdout.emit('resize')
      await settle()
    },
    async waitFor(wanted) {
      const found = (): boolean =>
        typeof wanted === 'string' ? screenRows().join('\n').includes(wanted) : wanted.test(screenRows().join('\n'))
      for (let tries = 0; tries < 200 && !found(); tries += 1) await sleep(30)
      if (!found()) throw new Error(`"${String(wanted)}" did not appear on:\n${screenRows().join('\n')}`)
      await settle()
    },
    settle,
    async guarded() {
      await settle()
      time.ms += GUARD_MS
    },
    send,
    async leave() {
      waiting = []
      const state = { left: false }
      void done.finally(() => (state.left = true))
      // A run that is going asks first; the second ctrl-c answers.
      while (!state.left) {
        send('\u0003')
        await sleep(30)
      }
      return await done
    },
    done,
  }
}

/** What holds for every frame: no row wider than the terminal, as many rows as it has, the footer at the bottom. */
export function faults(screen: Screen, columns: number, rows: number): string[] {
  const shown = screen.rows()
  return [
    ...shown.filter((row) => width(row) > columns).map((row) => `wider than ${columns}: ${row}`),
    ...(shown.length === rows ? [] : [`${shown.length} rows`]),
    ...(/\?|esc|q/.test(shown.at(-1) ?? '') ? [] : ['no footer']),
    ...(/^[─═]+$/.test(shown[1] ?? '') && /^[─═]+$/.test(shown.at(-2) ?? '') ? [] : ['no rules']),
  ]
}

import { spawn } from '@lydell/node-pty'
import headless from '@xterm/headless'
import { screenPng, screenSvg } from './screen-picture.ts'

/** The real program in a real pseudo-terminal, its output drawn by a headless xterm. */
export type Pty = {
  pid: number
  /** Writes keys as a person would press them: one string, one write. */
  send(keys: string): void
  /** Resolves once the screen shows the text; fails with the whole screen when it does not in time. */
  waitFor(what: string | RegExp, timeoutMs?: number): Promise<string[]>
  /** Resolves once the screen no longer shows it. */
  waitGone(what: string | RegExp, timeoutMs?: number): Promise<string[]>
  /** The visible rows, right-trimmed. */
  screen(): string[]
  resize(columns: number, rows: number): void
  svg(): string
  png(): Buffer
  kill(signal: NodeJS.Signals): void
  /** Takes the terminal itself away, as closing its window does. */
  close(): void
  /** The exit code, or the signal's number when a signal ended it. */
  waitExit(timeoutMs?: number): Promise<{ code: number; signal: number }>
  /** Bytes written to the terminal so far. */
  bytes(): number
  /** Everything written to the terminal so far. */
  raw(): string
  /** What a terminal remembers of its modes: which screen is shown, and whether the cursor is. */
  modes(): { alternate: boolean; cursorHidden: boolean; bracketedPaste: boolean }
}

type Start = { argv: string[]; cwd?: string; env?: Record<string, string>; columns?: number; rows?: number }

const HOLDING_BACK = [
  'CI',
  'CONTINUOUS_INTEGRATION',
  'COLUMNS',
  'LINES',
  'NO_COLOR',
  'FORCE_COLOR',
  'NODE_ENV',
  'VITEST',
  'TMUX',
]

/** Starts `argv` in a terminal of that size. `env` is added to this process's own, less what would change its face. */
export function open({ argv: [file = '', ...args], cwd, env = {}, columns = 80, rows = 24 }: Start): Pty {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name, value]) => value !== undefined && !HOLDING_BACK.includes(name)),
  )
  const terminal = new headless.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 2000 })
  const child = spawn(file, args, {
    name: 'xterm-256color',
    cols: columns,
    rows,
    cwd: cwd ?? process.cwd(),
    env: { ...inherited, TERM: 'xterm-256color', LANG: 'C.UTF-8', ...env },
  })
  let raw = ''
  let exit: { code: number; signal: number } | null = null
  let change: () => void = () => {}
  const changed = () => change()
  child.onData((data) => {
    raw += data
    terminal.write(data, changed)
  })
  // A terminal answers questions (where is the cursor, what are you); programs may wait for that.
  terminal.onData((answer) => exit === null && child.write(answer))
  child.onExit(({ exitCode, signal }) => {
    exit = { code: exitCode, signal: signal ?? 0 }
    changed()
  })

  const screen = () =>
    Array.from({ length: terminal.rows }, (_, row) => {
      const { active } = terminal.buffer
      return active.getLine(active.viewportY + row)?.translateToString(true) ?? ''
    })
  const shows = (what: string | RegExp) => {
    const text = screen().join('\n')
    return typeof what === 'string' ? text.includes(what) : what.test(text)
  }
  const until = async (holds: () => boolean, what: string, timeoutMs: number) => {
    const deadline = Date.now() + timeoutMs
    while (!holds()) {
      const left = deadline - Date.now()
      if (left <= 0)
        throw new Error(
          `${what} within ${timeoutMs} ms; exit ${JSON.stringify(exit)}; the screen:\n${screen().join('\n')}`,
        )
      await new Promise<void>((resolve) => {
        change = resolve
        setTimeout(resolve, Math.min(left, 200))
      })
    }
  }
  return {
    pid: child.pid,
    send: (keys) => child.write(keys),
    async waitFor(what, timeoutMs = 15_000) {
      await until(() => shows(what), `did not show ${String(what)}`, timeoutMs)
      return screen()
    },
    async waitGone(what, timeoutMs = 15_000) {
      await until(() => !shows(what), `still showed ${String(what)}`, timeoutMs)
      return screen()
    },
    screen,
    resize(toColumns, toRows) {
      terminal.resize(toColumns, toRows)
      child.resize(toColumns, toRows)
    },
    svg: () => screenSvg(terminal),
    png: () => screenPng(terminal),
    kill: (signal) => exit === null && child.kill(signal),
    // Not among what it declares: `kill` alone would leave the terminal standing.
    close: () => (child as typeof child & { destroy(): void }).destroy(),
    async waitExit(timeoutMs = 15_000) {
      await until(() => exit !== null, 'did not end', timeoutMs)
      // What it wrote last has come, and is still to be drawn.
      await new Promise<void>((resolve) => terminal.write('', resolve))
      return exit ?? { code: -1, signal: 0 }
    },
    bytes: () => raw.length,
    raw: () => raw,
    modes: () => ({
      alternate: terminal.buffer.active.type === 'alternate',
      cursorHidden: raw.lastIndexOf('\u001B[?25l') > raw.lastIndexOf('\u001B[?25h'),
      bracketedPaste: terminal.modes.bracketedPasteMode,
    }),
  }
}

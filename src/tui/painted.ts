import type { Deck, DeckFacts, Store } from '../core/deck.ts'
import type { Line, Role } from './line.ts'
import { pageLines } from './parts/page-lines.ts'
import { dashboardChoice, dashboardPage, noFilter } from './screens/dashboard-page.ts'
import { sizeOf } from './size.ts'
import { makeTheme, toAscii, wantsVoice, type Theme } from './theme.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** A screen that is shown already, until what answers its keys has been loaded. */
export type Painted = {
  /** What `draw` writes at once takes this one's place, with nothing seen between; it puts the terminal back from then on. */
  takeOver<T>(draw: () => T): T
  /** Puts the terminal back as it was found. */
  leave(): void
}

type Shown = Pick<Deck, 'project' | 'environment' | 'freshMs'> & {
  facts: Store<DeckFacts>
  theme: Parameters<typeof makeTheme>[1]
  demo: boolean
  env: Environment
  stdin: NodeJS.ReadStream
  stdout: NodeJS.WriteStream
}

const ENTER_SCREEN = '\u001B[?1049h'
const ENTER = `${ENTER_SCREEN}\u001B[?25l`
const LEAVE = '\u001B[?25h\u001B[?1049l'
const HOME = '\u001B[H'
/** Between these a terminal shows nothing of what it is told. */
const BEGIN = '\u001B[?2026h'
const END = '\u001B[?2026l'

/**
 * Shows the dashboard cell for cell as it will be drawn, while React and Ink are still being loaded, and again at every
 * change of the facts. Keys wait in the terminal. Null for a voice, which is told things once.
 */
export function paintDashboard(shown: Shown): Painted | null {
  const { env, stdin, stdout, facts } = shown
  if (wantsVoice(env)) return null
  const theme = makeTheme(env, shown.theme)
  const sizeNow = (): string => `${stdout.columns} ${stdout.rows}`
  let painted = ''
  const paint = (before = ''): void => {
    painted = sizeNow()
    const rows = dashboardLines(shown).map((row) => `\u001B[2K${styled(row, theme, env)}`)
    stdout.write(`${before}${BEGIN}${HOME}${rows.join('\r\n')}${HOME}${END}`)
  }
  const endings = (['SIGTERM', 'SIGHUP', 'SIGINT'] as const).map((signal) => ({
    signal,
    end() {
      leave()
      process.kill(process.pid, signal)
    },
  }))
  let held = true
  const release = (): void => {
    held = false
    stop()
    process.off('exit', leave)
    for (const { signal, end } of endings) process.off(signal, end)
  }
  const leave = (): void => {
    if (!held) return
    release()
    stdout.write(LEAVE)
    stdin.setRawMode(false)
  }
  paint(ENTER)
  stdin.setRawMode(true)
  process.on('exit', leave)
  for (const { signal, end } of endings) process.on(signal, end)
  const stop = facts.subscribe(() => paint())
  return {
    leave,
    takeOver(draw) {
      const { text, result } = written(stdout, draw)
      // The very cells that stand there; only in a window of another size something else may show between them.
      const erase = painted === sizeNow() ? '' : '\u001B[J'
      stdout.write(`${BEGIN}${HOME}${erase}${text.replace(ENTER_SCREEN, '')}${END}`)
      release()
      return result
    },
  }
}

/** What is written while something is drawn, held back. */
function written<T>(stdout: NodeJS.WriteStream, draw: () => T): { text: string; result: T } {
  let text = ''
  const write = stdout.write
  stdout.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    text += String(chunk)
    const done = rest.at(-1)
    if (typeof done === 'function') done()
    return true
  }
  try {
    const result = draw()
    return { text, result }
  } finally {
    stdout.write = write
  }
}

/** Every row of the terminal, with the pointer where it is at first. */
function dashboardLines({ facts, stdout, demo, freshMs, project, environment }: Shown): Line[] {
  const look = facts.get()
  const size = sizeOf(stdout.columns, stdout.rows)
  const running = (look.facts.runs.ok ? look.facts.runs.value : []).find((run) => run.state === 'running') ?? null
  const choice = dashboardChoice(look, size, freshMs, noFilter)
  const content = dashboardPage(choice, 0, noFilter, { facts: look.facts, running })
  return pageLines(content, { project, environment, demo, toast: null, pane: null }, size)
}

const COLOURS: Readonly<Record<string, string>> = { cyan: '36', green: '32', yellow: '33', red: '31' }

function styled(row: Line, theme: Theme, env: Environment): string {
  return row
    .map(({ text, role, bold }) => {
      const codes = codesOf(role, theme, env)
      if (bold && theme.bold) codes.push('1')
      const shown = theme.ascii ? toAscii(text) : text
      return codes.length === 0 || shown === '' ? shown : `\u001B[${codes.join(';')}m${shown}\u001B[0m`
    })
    .join('')
}

function codesOf(role: Role, { looks }: Theme, env: Environment): string[] {
  const { color, dimColor, inverse } = looks[role]
  const codes = [...(dimColor ? ['2'] : []), ...(inverse ? ['7'] : [])]
  const named = color === undefined ? undefined : COLOURS[color]
  if (named !== undefined) codes.push(named)
  const [, red, green, blue] = /^#(..)(..)(..)$/.exec(color ?? '') ?? []
  // A terminal of fewer colours gets this one from Ink, a moment later.
  if (blue !== undefined && /^(truecolor|24bit)$/.test(env['COLORTERM'] ?? ''))
    codes.push('38', '2', ...[red, green, blue].map((part) => String(Number.parseInt(part ?? '', 16))))
  return codes
}

import { EventEmitter } from 'node:events'
import xterm from '@xterm/headless'
import { expect, test, vi } from 'vitest'
import { paintDashboard } from '../../src/tui/painted.ts'
import { fakeDeck, type FakeDeck } from '../helpers/fake-deck.ts'
import { open } from '../helpers/screen.ts'

// Ink's colours are decided when it is loaded.
vi.hoisted(() => {
  process.env['FORCE_COLOR'] = '3'
})

type Size = { columns: number; rows: number }

const UTF8 = { LANG: 'C.UTF-8' }

function paint(deck: FakeDeck, size: Size, env: Record<string, string>) {
  const written: string[] = []
  const raw: boolean[] = []
  const write = (text: string) => written.push(text) > 0
  const stdout = Object.assign(new EventEmitter(), { ...size, write }) as unknown as NodeJS.WriteStream
  const painted = paintDashboard({
    ...deck,
    theme: 'auto',
    demo: false,
    env,
    stdin: { setRawMode: (on: boolean) => raw.push(on) } as unknown as NodeJS.ReadStream,
    stdout,
    facts: deck.factsStore,
  })
  return { painted, written, raw, stdout }
}

/** Every cell as a terminal shows it, with its looks. */
async function cells(data: string, { columns, rows }: Size): Promise<string[]> {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true })
  await new Promise<void>((resolve) => terminal.write(data, resolve))
  return Array.from({ length: rows }, (_, row) => {
    const drawn = terminal.buffer.active.getLine(row)
    return Array.from({ length: columns }, (_, column) => {
      const cell = drawn?.getCell(column)
      const text = cell?.getChars() || ' '
      if (cell === undefined || text === ' ') return ' '
      const looks = [cell.isDim() ? 'd' : '', cell.isBold() ? 'b' : '', cell.isInverse() ? 'i' : ''].join('')
      return cell.getFgColorMode() === 0 && looks === '' ? text : `${text}{${looks}${cell.getFgColor()}}`
    })
      .join('')
      .trimEnd()
  })
}

const sizes = [
  { columns: 60, rows: 16 },
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
  { columns: 40, rows: 10 },
]
const environments: Record<string, string>[] = [
  UTF8,
  { LANG: 'C' },
  { ...UTF8, NO_COLOR: '1' },
  { ...UTF8, TERM: 'dumb' },
  { ...UTF8, COLORFGBG: '0;15', COLORTERM: 'truecolor' },
]

for (const size of sizes)
  for (const env of environments)
    test(`${size.columns}×${size.rows} is painted as Ink draws it, with ${JSON.stringify(env)}`, async () => {
      for (const checking of [[], ['git', 'live', 'backups']]) {
        const deck = fakeDeck()
        deck.setFacts({}, checking)
        const { painted, written } = paint(deck, size, env)
        painted?.leave()
        written.pop()
        const screen = open(deck, size.columns, size.rows, { env })
        await screen.settle()
        expect(await cells(written.join(''), size)).toEqual(await cells(screen.raw(), size))
        await screen.leave()
      }
    })

test('what is learned is painted at once, until somebody else draws', async () => {
  const deck = fakeDeck()
  const size = { columns: 80, rows: 24 }
  deck.setFacts({}, ['git', 'live'])
  const { painted, written, stdout } = paint(deck, size, { ...UTF8, NO_COLOR: '1' })
  expect((await cells(written.join(''), size))[0]).toMatch(/checking…$/)
  deck.setFacts({}, [])
  expect((await cells(written.join(''), size))[0]).toContain('checked')
  const before = written.length
  const screen = 'drawn'
  expect(painted?.takeOver(() => void stdout.write(`\u001B[?1049h${screen}`))).toBeUndefined()
  // One write, which neither erases nor enters the screen again.
  expect(written.slice(before)).toEqual([`\u001B[?2026h\u001B[H${screen}\u001B[?2026l`])
  deck.setFacts({}, ['git'])
  painted?.leave()
  expect(written).toHaveLength(before + 1)
})

test('in a window of another size nothing of what was painted is left', () => {
  const { painted, written, stdout } = paint(fakeDeck(), { columns: 80, rows: 24 }, UTF8)
  stdout.columns = 100
  painted?.takeOver(() => void stdout.write('drawn'))
  expect(written.at(-1)).toBe('\u001B[?2026h\u001B[H\u001B[Jdrawn\u001B[?2026l')
})

test('a drawing that fails leaves the terminal to be put back', () => {
  const { painted, written, stdout } = paint(fakeDeck(), { columns: 80, rows: 24 }, UTF8)
  const fail = () => {
    stdout.write('half')
    throw new Error('made to fail')
  }
  expect(() => painted?.takeOver(fail)).toThrow('made to fail')
  painted?.leave()
  expect(written.join('')).not.toContain('half')
  expect(written.at(-1)).toContain('\u001B[?1049l')
})

test('leaving puts the terminal back as it was found', async () => {
  const before = ['exit', 'SIGTERM', 'SIGHUP', 'SIGINT'].map((event) => process.listenerCount(event))
  const { painted, written, raw } = paint(fakeDeck(), { columns: 80, rows: 24 }, UTF8)
  expect(raw).toEqual([true])
  painted?.leave()
  painted?.leave()
  expect(raw).toEqual([true, false])
  expect(written.filter((text) => text.includes('\u001B[?1049h'))).toHaveLength(1)
  expect(written.filter((text) => text.includes('\u001B[?1049l'))).toHaveLength(1)
  expect(written.at(-1)).toContain('\u001B[?25h')
  expect(['exit', 'SIGTERM', 'SIGHUP', 'SIGINT'].map((event) => process.listenerCount(event))).toEqual(before)
})

test.each([{ INK_SCREEN_READER: 'true' }, { ACCESSIBLE: '1' }])('a voice is told nothing twice: %j', (env) => {
  const { painted, written } = paint(fakeDeck(), { columns: 80, rows: 24 }, { ...UTF8, ...env })
  expect(painted).toBeNull()
  expect(written).toEqual([])
})

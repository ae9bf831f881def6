import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { built } from '../helpers/built.ts'
import { open } from '../helpers/pty.ts'
import type { Pty } from '../helpers/pty.ts'
import { closeDesk, openDesk, press } from '../helpers/walk.ts'

/** Whatever ends the program, the shell gets its screen, its cursor and its line editing back. */
const asFound = { alternate: false, cursorHidden: false, bracketedPaste: false }
const size = { columns: 80, rows: 24 }

/** A shell in a terminal that says how the terminal's own settings are once the program is gone. */
function underShell(cwd: string, env: Record<string, string>): Pty {
  const [node, program] = built()
  return open({
    argv: [
      'sh',
      '-c',
      `stty -a > "$0.before"; "$1" "$2"; echo "ended with $?"; stty -a > "$0.after"; cmp "$0.before" "$0.after" && echo "settings kept"`,
      `${cwd}/.git/stty`,
      node ?? '',
      program ?? '',
    ],
    cwd,
    env,
    ...size,
  })
}

test('q leaves the terminal as it was found', async ({ onTestFinished }) => {
  const desk = await openDesk(size)
  onTestFinished(() => closeDesk(desk))
  expect(desk.screen.modes().alternate).toBe(true)
  await press(desk.screen, 'q')
  expect(await desk.screen.waitExit()).toEqual({ code: 0, signal: 0 })
  expect(desk.screen.modes()).toEqual(asFound)
})

test('the settings of the terminal itself are put back', async ({ onTestFinished }) => {
  const desk = await openDesk(size)
  onTestFinished(() => closeDesk(desk))
  const shell = underShell(desk.demo.root, desk.demo.env)
  await shell.waitFor('Do next')
  await press(shell, 'q')
  await shell.waitFor('ended with 0')
  await shell.waitFor('settings kept')
})

for (const [name, code] of [
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)
  test(`fault 5: ${name} leaves the terminal as it was found and answers ${code}`, async ({ onTestFinished }) => {
    const desk = await openDesk(size)
    onTestFinished(() => closeDesk(desk))
    desk.screen.kill(name)
    const { code: exit, signal } = await desk.screen.waitExit()
    expect(signal === 0 ? exit : 128 + signal).toBe(code)
    expect(desk.screen.modes()).toEqual(asFound)
  })

test('what shows first stands before any key can be answered: a signal puts the terminal back, a key waits its turn', async ({
  onTestFinished,
}) => {
  const desk = await openDesk(size)
  onTestFinished(() => closeDesk(desk))
  const start = () => open({ argv: built(), cwd: desk.demo.root, env: desk.demo.env, ...size })
  const killed = start()
  await killed.waitFor('Do next')
  killed.kill('SIGTERM')
  const { code, signal } = await killed.waitExit()
  expect(signal === 0 ? code : 128 + signal).toBe(143)
  expect(killed.modes()).toEqual(asFound)
  const early = start()
  await early.waitFor('Do next')
  early.send('?')
  await early.waitFor(/The keys of this place/)
  early.send('\u0003')
  await early.waitExit()
  expect(early.modes()).toEqual(asFound)
})

test('ctrl-c leaves as q does', async ({ onTestFinished }) => {
  const desk = await openDesk(size)
  onTestFinished(() => closeDesk(desk))
  await press(desk.screen, '\u0003')
  expect((await desk.screen.waitExit()).signal).toBe(0)
  expect(desk.screen.modes()).toEqual(asFound)
})

test('a failure of its own leaves the terminal as it was found and says where the report is', async ({
  onTestFinished,
}) => {
  const desk = await openDesk(size)
  onTestFinished(() => closeDesk(desk))
  // The first drawing throws: a terminal that cannot say how wide it is.
  const thrower =
    'data:text/javascript,Object.defineProperty(process.stdout,"columns",{get(){throw new Error("made to fail")}})'
  const [node = '', program = ''] = built()
  const screen = open({ argv: [node, '--import', thrower, program], cwd: desk.demo.root, env: desk.demo.env, ...size })
  const { code } = await screen.waitExit()
  expect(code).toBe(1)
  expect(screen.modes()).toEqual(asFound)
  expect(screen.raw()).toMatch(/report/i)
})

test('a resize redraws, and below the floor it says so in one sentence', async ({ onTestFinished }) => {
  const desk = await openDesk(size)
  onTestFinished(() => closeDesk(desk))
  const { screen } = desk
  screen.resize(40, 10)
  await screen.waitFor(/60/)
  await screen.waitGone('Do next')
  screen.resize(120, 40)
  await screen.waitFor('Do next')
  screen.resize(80, 24)
  await screen.waitFor('Do next')
})

test('an idle dashboard writes nothing', async ({ onTestFinished }) => {
  const desk = await openDesk(size)
  onTestFinished(() => closeDesk(desk))
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  const before = desk.screen.bytes()
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  expect(desk.screen.bytes() - before).toBe(0)
})

test('NO_COLOR and a dumb terminal get no colours', async ({ onTestFinished }) => {
  const desk = await openDesk(size)
  onTestFinished(() => closeDesk(desk))
  for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
    const screen = open({ argv: built(), cwd: desk.demo.root, env: { ...desk.demo.env, ...env }, ...size })
    await screen.waitFor('Do next')
    await screen.waitGone('checking…')
    // eslint-disable-next-line no-control-regex
    expect(screen.raw()).not.toMatch(/\u001B\[[0-9;]*3[1-6]m/)
    screen.send('q')
    await screen.waitExit()
  }
})

test('`knowngood demo` opens the dashboard on a production of its own and takes it away again', async () => {
  const screen = open({ argv: built('demo'), ...size })
  await screen.waitFor('mosaic / production', 30_000)
  await screen.waitFor('Do next')
  await screen.waitGone('checking…')
  const { readlinkSync } = await import('node:fs')
  const folder = readlinkSync(`/proc/${screen.pid}/cwd`)
  await press(screen, 'q')
  expect(await screen.waitExit()).toEqual({ code: 0, signal: 0 })
  expect(existsSync(folder)).toBe(false)
})

import { setTimeout as sleep } from 'node:timers/promises'
import { commitBadRelease } from '../../src/demo/bad-release.ts'
import type { Demo } from '../../src/demo/demo.ts'
import { makeDemo } from '../../src/demo/demo.ts'
import { built } from './built.ts'
import { open } from './pty.ts'
import type { Pty } from './pty.ts'

/** The flow as an operator walks it, by keys alone. Pictures and tests are made of the same steps. */

const ESCAPE = '\u001B'
/** Keys are ignored in the first 300 ms of a page that acts. */
const GUARDED_MS = 400
const RUN_MS = 60_000

/** The floor, the default and a wide terminal. */
export const SIZES = [
  { columns: 60, rows: 16 },
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
]

export type Desk = { demo: Demo; screen: Pty }

/** The dashboard on a demo of its own, with everything looked up. */
export async function openDesk(
  size: { columns: number; rows: number },
  start: { seed?: number; now?: Date } = {},
): Promise<Desk> {
  const demo = await makeDemo(start)
  const screen = open({ argv: built(), cwd: demo.root, env: { ...demo.env, KNOWNGOOD_HOST: 'laptop' }, ...size })
  await screen.waitFor('Do next')
  await screen.waitGone('checking…')
  return { demo, screen }
}

/** Ends the program by its own key, and the demo with it. */
export async function closeDesk({ demo, screen }: Desk): Promise<void> {
  screen.kill('SIGKILL')
  await demo.stop()
}

/** A key as a person presses it: after the screen has settled, and not two in one write. */
export async function press(screen: Pty, ...keys: string[]): Promise<void> {
  for (const key of keys) {
    await sleep(60)
    screen.send(key)
  }
}

/** Back to the dashboard from wherever esc leads there. */
export async function home(screen: Pty): Promise<void> {
  for (let tries = 0; tries < 8 && !screen.screen().some((line) => line.includes('Do next')); tries += 1) {
    await press(screen, ESCAPE)
    await sleep(150)
  }
  await screen.waitFor('Do next')
  await screen.waitGone('checking…')
  // An esc that is still unread would take an enter behind it along.
  await sleep(250)
}

export async function backUp(screen: Pty): Promise<void> {
  await press(screen, 'b')
  await screen.waitFor('Saves')
  await press(screen, 'b')
  await screen.waitFor(/✓ done/, RUN_MS)
  await home(screen)
}

/** Makes a backup of this kind from the dashboard and comes back. */
export async function backUpKind(screen: Pty, kind: string): Promise<void> {
  await press(screen, 'b')
  await screen.waitFor('Saves')
  await pointAt(screen, new RegExp(` ${kind} `))
  await press(screen, 'b')
  await screen.waitFor(/✓ done/, RUN_MS)
  await home(screen)
}

/** The list of backups, the pointer on the first one of that name. */
export async function openBackups(screen: Pty, id: RegExp): Promise<void> {
  await press(screen, 'B')
  await screen.waitFor(/Backups +\d+ backups/)
  await pointAt(screen, id)
}

/** Reviews putting back everything that the selected backup holds. */
export async function reviewRestore(screen: Pty): Promise<void> {
  await press(screen, 'r')
  await screen.waitFor('[x]')
  await press(screen, '\r')
  await screen.waitFor('Y go')
  await sleep(GUARDED_MS)
}

/** Confirms what is reviewed with its reason and the typed name, and waits for the end of the run. */
export async function confirmTyped(screen: Pty, reason: string): Promise<void> {
  await press(screen, 'Y')
  await screen.waitFor('Reason')
  await sleep(GUARDED_MS)
  await press(screen, reason, '\t', 'mosaic-production')
  // Read together with what was written before it, enter counts as pasted.
  await screen.waitFor('mosaic-production_')
  await press(screen, '\r')
  await screen.waitFor(/✓ done/, RUN_MS)
}

/** Runs the check and gives each confirmation a URL as its evidence. */
export async function openGate(screen: Pty): Promise<void> {
  await press(screen, 'g')
  await screen.waitFor(/Gate for [0-9a-f]{7}/)
  await press(screen, 'R')
  await screen.waitFor('1 of 3 pass', RUN_MS)
}

/** Moves the pointer down to the row of that text. */
export async function pointAt(screen: Pty, text: RegExp): Promise<void> {
  const row = new RegExp(`^▸.*${text.source}`)
  const pointed = () => screen.screen().find((line) => line.startsWith('▸')) ?? ''
  // The row by its first word: the rest of it changes by itself when a look comes in.
  const at = () => pointed().split(/\s+/)[1] ?? ''
  for (let rows = 0; rows < 60 && !row.test(pointed()); rows += 1) {
    const before = at()
    screen.send('j')
    // A key is only pressed again once the last one was seen: a person looks before going on, too.
    for (let waited = 0; waited < 3_000 && at() === before; waited += 30) await sleep(30)
    // At the end, and past it: from the top again.
    if (at() === before && !row.test(pointed())) {
      screen.send('\u001b[H')
      await sleep(300)
    }
  }
  await screen.waitFor(new RegExp(row.source, 'm'))
}

export async function passGate({ demo, screen }: Desk): Promise<void> {
  await openGate(screen)
  const confirmations = [
    ['sign-in', /Sign-in walks/],
    ['chat', /Chat answers/],
  ] as const
  for (const [index, [page, title]] of confirmations.entries()) {
    await pointAt(screen, title)
    await press(screen, ' ')
    await screen.waitFor('> _')
    await sleep(GUARDED_MS)
    await press(screen, `${demo.url}/preview/${page}.html`)
    await screen.waitFor(`${page}.html_`)
    await press(screen, '\r')
    await screen.waitFor(`${index + 2} of 3 pass`)
  }
  await home(screen)
}

async function reviewDeploy(screen: Pty): Promise<void> {
  await press(screen, 'd')
  await screen.waitFor('It will')
  await screen.waitFor('Y go')
  await sleep(GUARDED_MS)
}

/** Deploys what is next and waits for `ends`: what the screen shows when it is over. */
export async function deploy(
  screen: Pty,
  ends: string | RegExp,
  underWay: () => void | Promise<void> = () => {},
): Promise<void> {
  await reviewDeploy(screen)
  await press(screen, 'Y')
  await underWay()
  await screen.waitFor(ends, RUN_MS)
}

/** A release that passes every check here and breaks production: ready to deploy. */
export async function prepareBadRelease(desk: Desk): Promise<void> {
  await commitBadRelease(desk.demo, new Date())
  await press(desk.screen, 'R')
  await desk.screen.waitFor(/gate +not run|not run for/i)
  await passGate(desk)
}

async function openRollback(screen: Pty): Promise<void> {
  await press(screen, 'r')
  await screen.waitFor('Go back to')
  await screen.waitFor('It will')
}

/** Reviews the rollback to the first candidate of that name. */
export async function reviewRollback(screen: Pty, to: RegExp): Promise<void> {
  await openRollback(screen)
  await pointAt(screen, to)
  await press(screen, '\r')
  await screen.waitFor('Y go')
  await sleep(GUARDED_MS)
}

export async function rollBack(screen: Pty, reason: string, to: RegExp): Promise<void> {
  await reviewRollback(screen, to)
  await confirmTyped(screen, reason)
}

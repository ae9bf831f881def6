import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeDemo } from '../../src/demo/demo.ts'
import { built } from '../helpers/built.ts'
import { people, withDatabase } from '../helpers/demo-database.ts'
import { open } from '../helpers/pty.ts'
import type { Pty } from '../helpers/pty.ts'
import { backUp, closeDesk, deploy, home, openDesk, passGate, press, SIZES, type Desk } from '../helpers/walk.ts'

/** Break glass by hand: the demo's baseline, its own database, and the terminal afterwards. */
const CTRL_G = '\u0007'
const RUN_MS = 60_000
/** The program on a demo whose configuration says what no configuration says. */
async function openBroken(size: { columns: number; rows: number }): Promise<Desk> {
  const demo = await makeDemo()
  const config = join(demo.root, 'knowngood.yaml')
  writeFileSync(config, readFileSync(config, 'utf8').replace('use: sqlite', 'use: sqlit'))
  const screen = open({ argv: built(), cwd: demo.root, env: { ...demo.env, KNOWNGOOD_HOST: 'laptop' }, ...size })
  await screen.waitFor('did you mean sqlite?')
  await screen.waitFor('by what it carries')
  return { demo, screen }
}

/** Back from the run, the file is put right, and looked at again. */
async function mend({ demo, screen }: Desk): Promise<void> {
  await press(screen, '\u001b')
  await screen.waitFor('did you mean sqlite?')
  const config = join(demo.root, 'knowngood.yaml')
  writeFileSync(config, readFileSync(config, 'utf8').replace('use: sqlit,', 'use: sqlite,'))
  await new Promise((resolve) => setTimeout(resolve, 250))
  await press(screen, 'R')
  await screen.waitFor('Do next')
}

/** The reason, enter, the name; enter is the last one's. Each is seen before the next: read in one go, enter counts as pasted. */
async function write(screen: Pty, reason: string): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 400))
  await press(screen, reason)
  await screen.waitFor(`${reason}_`)
  await press(screen, '\r')
  await screen.waitFor('> _')
  await press(screen, 'mosaic-production')
  await screen.waitFor('enter starts it')
  await screen.waitFor('restore --undo emergency-')
}

/**
 * At 80×24 the configuration is broken, too: what is wrong is said in place of the dashboard, and the way is the same. At
 * 120×40 the state of the clone cannot be written: the screen says where the journal is instead.
 */
for (const size of SIZES)
  test(
    `the glass is broken by a reason, the name and enter, at ${size.columns}×${size.rows}`,
    { timeout: 180_000 },
    async ({ onTestFinished }) => {
      const broken = size.columns === 80
      const full = size.columns === 120
      const desk = await (broken ? openBroken(size) : openDesk(size))
      onTestFinished(() => closeDesk(desk))
      const { demo, screen } = desk
      const before = people(demo.root)
      withDatabase(demo.root, (database) => database.exec('delete from conversations; delete from users'))

      const state = join(demo.root, '.knowngood')
      if (full) {
        renameSync(state, `${state}-away`)
        writeFileSync(state, 'in the way')
      }
      await press(screen, CTRL_G)
      await screen.waitFor('immaculate-1')
      await screen.waitFor('restore --undo emergency-')
      const tooWide = screen.screen().filter((line) => [...line].length > size.columns)
      expect(tooWide).toEqual([])
      await write(screen, 'the users are gone')
      const undo = /restore --undo (\S+)/.exec(screen.screen().join('\n'))?.[1] ?? ''
      await press(screen, '\r')
      await screen.waitFor(/✓ done/, RUN_MS)
      expect(people(demo.root)).toBe(before)
      const said = screen.screen().join('')
      const kept = /The journal of this run is kept in (\S+knowngood-state-\w+)/.exec(said)?.[1]
      expect(kept !== undefined, said).toBe(full)
      expect(readdirSync(join(kept ?? state, 'runs'))).toContain(undo)
      expect(readdirSync(join(demo.root, 'backups')).some((name) => name.startsWith('pre-emergency-'))).toBe(true)

      if (broken) await mend(desk)
      await home(screen)
      await press(screen, 'q')
      expect(await screen.waitExit()).toEqual({ code: 0, signal: 0 })
      expect(screen.modes()).toEqual({ alternate: false, cursorHidden: false, bracketedPaste: false })
    },
  )

test(
  'while a deploy is going the glass is broken all the same: it makes way, and is put back',
  { timeout: 180_000 },
  async ({ onTestFinished }) => {
    const demo = await makeDemo()
    const config = join(demo.root, 'knowngood.yaml')
    const slow = 'build:\n  run: [["sleep", "100"]]\n'
    writeFileSync(config, readFileSync(config, 'utf8').replace('build:\n', slow))
    const env = { ...demo.env, KNOWNGOOD_HOST: 'laptop' }
    const screen = open({ argv: built(), cwd: demo.root, env, columns: 80, rows: 24 })
    const desk = { demo, screen }
    onTestFinished(() => closeDesk(desk))
    await screen.waitFor('Do next')
    await screen.waitGone('checking…')
    await backUp(screen)
    await passGate(desk)
    await deploy(screen, /safe to stop/)

    await press(screen, CTRL_G)
    await screen.waitFor('A deploy is running')
    await screen.waitFor('The lock of ana@laptop is taken over')
    await write(screen, 'it made everything worse')
    await press(screen, '\r')
    await screen.waitFor('Restore from the baseline', RUN_MS)
    await screen.waitFor(/✓ done/, RUN_MS)
    await home(screen)
    expect(screen.screen().join('\n')).toMatch(/stopped at Build/)
    expect(screen.screen().join('\n')).toMatch(/BUILD_ID matches/)
  },
)

import { mkdirSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Pty } from '../test/helpers/pty.ts'
import {
  backUp,
  backUpKind,
  closeDesk,
  deploy,
  home,
  openBackups,
  openDesk,
  openGate,
  pointAt,
  passGate,
  prepareBadRelease,
  reviewRestore,
  reviewRollback,
} from '../test/helpers/walk.ts'

/** Walks the demo in a real terminal and pictures what an operator sees. Run by `npm run screenshots`. */
const folder = fileURLToPath(new URL('../screenshots/', import.meta.url))
const SIZES = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
]
// One story for every picture: the same day, the same port.
const STORY = { seed: 214, now: new Date('2025-11-21T12:04:31Z') }

mkdirSync(folder, { recursive: true })
for (const size of SIZES) {
  const desk = await openDesk(size, STORY)
  const { screen } = desk
  const take = (name: string) => {
    const file = `${name}-${size.columns}x${size.rows}.png`
    writeFileSync(folder + file, screen.png())
    console.log(`screenshots/${file}`)
  }
  const picture = async (name: string) => {
    await rested(screen)
    take(name)
  }
  try {
    await picture('dashboard')
    screen.send('\u0007')
    await screen.waitFor('restore --undo emergency-')
    await picture('break-glass')
    await home(screen)
    await backUp(screen)
    await backUpKind(screen, 'full')
    await openBackups(screen, /full-\d+/)
    await screen.waitGone('checking…')
    await picture('backups')
    await reviewRestore(screen)
    await picture('restore-review')
    await home(screen)
    await openGate(screen)
    await pointAt(screen, /Sign-in/)
    await picture('gate')
    await home(screen)
    await passGate(desk)
    await deploy(screen, /✓ done/, async () => {
      await screen.waitFor(/✓ +git push/, 30_000)
      // What runs does not rest.
      take('running-deploy')
    })
    await home(screen)
    await prepareBadRelease(desk)
    await deploy(screen, 'Release not verified')
    await screen.waitGone('checking…')
    await picture('failed-verify')
    await home(screen)
    await reviewRollback(screen, /prod-2025-11-21/)
    await picture('rollback-review')
  } finally {
    await closeDesk(desk)
  }
}

/** Half a frame is no picture: what is drawn must stand for a moment. */
async function rested(screen: Pty): Promise<void> {
  let before = ''
  for (let tries = 0; tries < 5 && before !== screen.screen().join('\n'); tries += 1) {
    before = screen.screen().join('\n')
    await sleep(150)
  }
}

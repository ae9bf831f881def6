import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
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
  const picture = (name: string) => {
    const file = `${name}-${size.columns}x${size.rows}.png`
    writeFileSync(folder + file, screen.png())
    console.log(`screenshots/${file}`)
  }
  try {
    picture('dashboard')
    await backUp(screen)
    await backUpKind(screen, 'full')
    await openBackups(screen, /full-\d+/)
    await screen.waitGone('checking…')
    picture('backups')
    await reviewRestore(screen)
    picture('restore-review')
    await home(screen)
    await openGate(screen)
    await pointAt(screen, /Sign-in/)
    picture('gate')
    await home(screen)
    await passGate(desk)
    await deploy(screen, /✓ done/, async () => {
      await screen.waitFor(/✓ +git push/, 30_000)
      picture('running-deploy')
    })
    await home(screen)
    await prepareBadRelease(desk)
    await deploy(screen, 'Release not verified')
    await screen.waitGone('checking…')
    picture('failed-verify')
    await home(screen)
    await reviewRollback(screen, /prod-2025-11-21/)
    picture('rollback-review')
  } finally {
    await closeDesk(desk)
  }
}

import { test } from 'vitest'
import { people, withDatabase } from '../helpers/demo-database.ts'
import {
  backUpKind,
  closeDesk,
  confirmTyped,
  home,
  openBackups,
  openDesk,
  press,
  reviewRestore,
  SIZES,
} from '../helpers/walk.ts'

/** A full backup is made, lost data is put back from it and that is swapped back: by keys, on the demo's own database. */
for (const size of SIZES)
  test.concurrent(
    `a full backup is put back, and swapped back, by keys at ${size.columns}×${size.rows}`,
    { timeout: 180_000 },
    async ({ expect, onTestFinished }) => {
      const desk = await openDesk(size)
      onTestFinished(() => closeDesk(desk))
      const { demo, screen } = desk
      const before = people(demo.root)

      await backUpKind(screen, 'full')
      withDatabase(demo.root, (database) => database.exec('delete from conversations; delete from users'))
      expect(people(demo.root)).toBe(0)

      await openBackups(screen, /full-\d+/)
      await press(screen, '\r')
      await screen.waitFor('database: put beside')
      await reviewRestore(screen)
      await confirmTyped(screen, 'the users were deleted by hand')
      expect(people(demo.root)).toBe(before)

      await press(screen, 'u')
      await screen.waitFor('Y go')
      await new Promise((resolve) => setTimeout(resolve, 400))
      await confirmTyped(screen, 'they were deleted on purpose')
      expect(people(demo.root)).toBe(0)

      await home(screen)
      if (size.columns === 60) {
        await press(screen, 'B')
        await screen.waitFor('x removes it')
        await press(screen, 'x')
        await screen.waitFor('Y go')
        await new Promise((resolve) => setTimeout(resolve, 400))
        await confirmTyped(screen, 'the disk is full')
        await home(screen)
        await press(screen, 'B')
        await screen.waitFor(/^(?![\s\S]*x removes it)[\s\S]*full-\d+/)
        expect(people(demo.root)).toBe(0)
        await home(screen)
      }
      const tooWide = screen.screen().filter((line) => [...line].length > size.columns)
      expect(tooWide).toEqual([])
      await press(screen, 'q')
      expect(await screen.waitExit()).toEqual({ code: 0, signal: 0 })
    },
  )

test.concurrent(
  'a backup is proven by restoring it into a scratch place, and the list says so',
  { timeout: 120_000 },
  async ({ onTestFinished }) => {
    const desk = await openDesk({ columns: 80, rows: 24 })
    onTestFinished(() => closeDesk(desk))
    const { screen } = desk
    await backUpKind(screen, 'full')
    await openBackups(screen, /full-\d+/)
    await press(screen, 'V')
    await screen.waitFor('Y go')
    await new Promise((resolve) => setTimeout(resolve, 400))
    await press(screen, 'Y')
    await screen.waitFor(/✓ done/, 60_000)
    await home(screen)
    await press(screen, 'B')
    await screen.waitFor(/full-\d+ .*✓ restored/)
  },
)

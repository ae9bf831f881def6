import { test } from 'vitest'
import { lookLive } from '../../src/demo/look.ts'
import {
  backUp,
  closeDesk,
  deploy,
  home,
  openDesk,
  passGate,
  prepareBadRelease,
  press,
  rollBack,
  SIZES,
} from '../helpers/walk.ts'

/** The whole flow by keys, on real git, a real site and a real database, at the floor, the default and a wide size. */
for (const size of SIZES)
  test.concurrent(
    `backup, gate, deploy, verify and rollback by keys at ${size.columns}×${size.rows}`,
    { timeout: 180_000 },
    async ({ expect, onTestFinished }) => {
      const desk = await openDesk(size)
      onTestFinished(() => closeDesk(desk))
      const { demo, screen } = desk

      await backUp(screen)
      await passGate(desk)
      await deploy(screen, /✓ done/)
      const good = (await lookLive(demo)).buildId
      await home(screen)

      await prepareBadRelease(desk)
      // On the narrowest window the time of the last look cuts its last letters.
      await deploy(screen, /Release not verif/)
      const bad = await lookLive(demo)
      expect(bad.health).toBe(500)
      expect(bad.buildId).not.toBe(good)
      await home(screen)

      await rollBack(screen, 'sign-in is broken', /prod-\d{4}-\d\d-\d\d/)
      expect((await lookLive(demo)).health).toBe(200)
      await home(screen)

      const tooWide = screen.screen().filter((line) => [...line].length > size.columns)
      expect(tooWide).toEqual([])
      await press(screen, 'q')
      expect(await screen.waitExit()).toEqual({ code: 0, signal: 0 })
    },
  )

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withWayOut } from '../../src/commands/way-out.ts'
import { loadProject } from '../../src/config/load.ts'
import type { UserError } from '../../src/core/failure.ts'
import { restorable } from '../helpers/restorable.ts'

test('a broken configuration names the way that is open without it, where there is one', async () => {
  const site = await restorable()
  await site.backup('baseline', { name: 'immaculate-1' })
  writeFileSync(join(site.root, 'knowngood.yaml'), 'project: [\n')
  const broken = (await loadProject(site.root).catch((error: unknown) => error)) as UserError
  const told = await withWayOut(broken, () => site.root)
  expect(told).toMatchObject({
    exit: 2,
    next: expect.arrayContaining([expect.stringContaining('knowngood emergency')]),
  })
  rmSync(join(site.root, 'immaculate'), { recursive: true })
  expect(await withWayOut(broken, () => site.root)).toBe(broken)
})

import { expect, test } from 'vitest'
import { paletteCommands, readVerb } from '../../src/commands/deck/palette.ts'
import { headless } from '../helpers/context.ts'
import { temporaryFolder } from '../helpers/temp.ts'

test('what only looks can be read in the palette, once each; what acts says where it is run', () => {
  const rows = paletteCommands()
  const off = (name: string) => rows.filter((row) => row.name === name).map((row) => row.off)
  for (const name of ['drill status', 'mirror', 'check', 'baseline list'])
    expect([name, off(name)]).toEqual([name, [null]])
  expect(off('emergency --rehearse')[0]).toContain('in a shell: knowngood emergency --rehearse')
  expect(off('emergency')[0]).toContain('in a shell')
})

test('what acts is not run from the palette', async () => {
  expect(await readVerb('deploy', headless(temporaryFolder()))).toEqual(['deploy cannot run here.'])
  expect(await readVerb('emergency --rehearse', headless(temporaryFolder()))).toEqual([
    'emergency --rehearse cannot run here.',
  ])
})

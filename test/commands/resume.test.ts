import { expect, test } from 'vitest'
import { restorable } from '../helpers/restorable.ts'

test('a run that has ended is not offered to be finished or put back', { timeout: 60_000 }, async () => {
  const site = await restorable()
  const run = String((await site.kg('backup', 'quick', '--json')).json['run'])
  for (const [flags, word] of [
    [[], 'resumed'],
    [['--undo'], 'put back'],
  ] as const) {
    const { exit, err } = await site.kg('resume', run, ...flags)
    expect(exit).toBe(3)
    expect(err).toContain(`cannot be ${word}: it has ended`)
    expect(err).not.toContain('--yes')
  }
})

import { execa } from 'execa'
import { expect, test } from 'vitest'
import { built } from '../helpers/built.ts'
import { repository } from '../helpers/repository.ts'

test('what is due names the command that does what needs nobody', async () => {
  const [program = '', ...args] = built('due')
  const { stdout, exitCode } = await execa(program, args, { cwd: repository().root })
  expect([exitCode, stdout.split('\n')]).toEqual([
    0,
    [
      expect.stringMatching(/^site backup +there is none/),
      expect.stringMatching(/knowngood drill spot$/),
      expect.stringMatching(/knowngood drill full$/),
      'knowngood due --run does what needs nobody.',
    ],
  ])
})

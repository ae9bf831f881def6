import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { handLines } from '../../src/core/hand-lines.ts'
import { call } from '../../src/core/step.ts'
import { clean } from '../../src/core/text.ts'

const read = (text: string): string => {
  const [line = ''] = handLines(call('x', {}, 'print it', [['printf', '%s', text]]))
  expect(clean(line), 'a screen shows it as it stands').toBe(line)
  return execFileSync('sh', ['-c', line], { encoding: 'utf8' })
}

test.each([
  'immaculate/a b',
  `it's "q" $(touch pwn) \`x\` \\n`,
  'neu\n5line',
  "it's\n\\0101 two\ttabs",
  '\u001b[31mred\u001b[0m',
  'left\u202eright',
  'ümläut-日本',
])('fault 66: %j is read by a shell as it is, and shown inert', (text) => {
  expect(read(text)).toBe(text)
})

test('words for whoever pastes the lines are a comment', () => {
  expect(handLines(call('x', {}, 'do it', [['#', "what isn't done"], ['true']]))).toEqual(["# what isn't done", 'true'])
})

import { expect, test } from 'vitest'
import { bareVerb } from '../../src/commands/bare.ts'
import { parseArguments } from '../../src/commands/parse.ts'
import { commands } from '../../src/commands/table.ts'

const bare = commands.filter(({ name }) => bareVerb([name]) !== null)

test('verbs that need nothing are understood without the parser', () => {
  expect(bare.map(({ name }) => name)).toEqual(expect.arrayContaining(['status', 'backups', 'kickoff', 'log']))
})

test.each(bare.map(({ name }) => name))('%s means the same to the parser', (name) => {
  expect(parseArguments([name])).toEqual({ command: bareVerb([name]), path: name, args: [], options: {} })
  const json = { command: bareVerb([name, '--json']), path: name, args: [], options: { json: true } }
  expect(parseArguments([name, '--json'])).toEqual(json)
})

test.each([
  ['backup'],
  ['backups', 'quick'],
  ['backups', '--help'],
  ['nonsense'],
  ['status', '--json', '--offline'],
  [],
])('the parser is left to say what %j means', (...argv) => {
  expect(bareVerb(argv)).toBeNull()
})

import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { messageOf, reasonOf, StepFailed } from '../../src/core/failure.ts'

test('a reason is the last thing a program said that tells one', () => {
  const said = [
    '',
    'npm error could not determine executable to run',
    'npm error A complete log of this run can be found in: x',
    '',
  ]
  expect(reasonOf(new StepFailed('npx', 'npx convex ended with code 1', said))).toBe(
    'npx convex ended with code 1: npm error could not determine executable to run',
  )
  expect(reasonOf(new StepFailed('npx', 'npx convex ended with code 1'))).toBe('npx convex ended with code 1')
})

test.each<[string, (folder: string, name: string) => void]>([
  ['a file', (folder, name) => writeFileSync(join(folder, name), '')],
  ['where a link leads', (folder, name) => symlinkSync(name, join(folder, 'link'))],
])('what the system says of a name that is too long for %s is said in words, and can be read', (_, make) => {
  const folder = mkdtempSync(join(tmpdir(), 'knowngood-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const said = saidBy(() => make(folder, `begin/${'x'.repeat(60_000)}/end.txt`))
  expect(said).toMatch(/^the name is too long for this file system: '.*…x+\/end\.txt'/)
  expect(said.length).toBeLessThan(500)
  // What comes back from a worker is told once more.
  expect(messageOf(new Error(said))).toBe(said)
})

function saidBy(work: () => void): string {
  try {
    work()
    return 'nothing'
  } catch (error) {
    return messageOf(error)
  }
}

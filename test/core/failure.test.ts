import { expect, test } from 'vitest'
import { reasonOf, StepFailed } from '../../src/core/failure.ts'

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

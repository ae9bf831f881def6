import { expect, test } from 'vitest'
import { someFacts } from '../helpers/fake-facts.ts'
import { bindingFor, bindings, bindingsAt } from '../../src/tui/keys.ts'
import type { Place } from '../../src/tui/nav.ts'

const places = [
  'dashboard',
  'backup',
  'backups',
  'show',
  'restore',
  'prune',
  'gate',
  'review',
  'running',
  'failed',
  'verify',
  'rollback',
  'logs',
  'activity',
  'interrupted',
  'reader',
  'help',
  'palette',
  'leave',
  'glass',
  'form',
  'sure',
  'problem',
] as const satisfies readonly Place[]

test.each(places)('no key means two things at %s', (place) => {
  const keys = bindingsAt(place).flatMap((each) => each.keys)
  expect(new Set(keys).size).toBe(keys.length)
})

test.each(places)('esc, q and ctrl-c are always there at %s', (place) => {
  expect(bindingFor(place, 'esc')?.id).toBe('back')
  expect(bindingFor(place, 'ctrl-c')?.id).toBe('leave')
  expect(bindingFor(place, 'ctrl-g')?.id).toBe('glass')
})

test('enter executes nowhere: no place gives it to an act', () => {
  expect(
    [...new Set(places.map((place) => bindingFor(place, 'enter')?.id))].toSorted((a, b) =>
      String(a).localeCompare(String(b)),
    ),
  ).toEqual(['open', undefined])
  expect(bindings.filter((each) => each.keys.includes('Y')).map((each) => each.where)).toEqual([['review', 'sure']])
})

test('no single key deletes: it is offered on one backup alone, and reviewed there', () => {
  expect(bindings.filter((each) => each.id === 'remove').map((each) => [each.keys, each.where])).toEqual([
    [['D'], ['show']],
  ])
})

test('every binding says what it does, and has an id of its own', () => {
  expect(bindings.every((each) => each.does !== '' && each.shown !== '' && each.keys.length > 0)).toBe(true)
  expect(new Set(bindings.map((each) => each.id)).size).toBe(bindings.length)
})

test('a key that is off says why', () => {
  const facts = someFacts()
  const busy = { facts, running: { id: 'x', op: 'deploy' } } as const
  expect(bindingFor('dashboard', 'd')?.off?.(busy)).toBe('a deploy is running; one operation at a time')
  expect(bindingFor('dashboard', 'd')?.off?.({ facts, running: null })).toBeNull()
  const first = {
    ...facts,
    git: facts.git.ok ? { ...facts.git, value: { ...facts.git.value, current: null } } : facts.git,
  }
  expect(bindingFor('dashboard', 'r')?.off?.({ facts: first, running: null })).toMatch(/nothing was released yet/)
})
